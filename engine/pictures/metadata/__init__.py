"""What a file says of its picture beside the pixels: EXIF, XMP, IPTC, text, resolution."""
