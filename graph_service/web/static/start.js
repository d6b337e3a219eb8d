// Runs before the page is drawn, so that what needs scripts is styled from the first moment.
document.documentElement.classList.add("scripted");
