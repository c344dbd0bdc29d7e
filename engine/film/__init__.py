"""Film: the same engine on moving pictures, with order kept and colour steady in time.

The way of one frame: `media/frame_reader` decodes it, `color/frame_view` makes the small planes,
`color/color_track` gives it (a*, b*) that follow the motion, `color/frame_painter` writes its chroma
planes beside the luma, `segments/segment_encoder` encodes it; `film_runner` drives, and `film_assembly` joins the segments
with the sound and everything else that the source carries.
"""
