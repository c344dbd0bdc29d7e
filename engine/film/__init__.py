"""Film: the same engine on moving pictures, with order kept and colour steady in time.

The way of one frame: `frame_reader` decodes it, `frame_view` makes the small planes, `color_track`
gives it (a*, b*) that follow the motion, `recolored_frame` writes its chroma planes beside the
luma, a `segment_writer` encodes it; `film_runner` drives, and `film_assembly` joins the segments
with the sound and everything else that the source carries.
"""
