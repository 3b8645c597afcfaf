"""Codes: from a frame to what the frames agree was shown. zxing-cpp reads all of them; nothing is opened here."""
