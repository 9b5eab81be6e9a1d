"""Looking at FITS images without taking them away: headers, and a picture."""
