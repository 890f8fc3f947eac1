"""Generated and hand-made requests to both servers, and checks of every answer."""
