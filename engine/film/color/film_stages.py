"""What a frame goes through between the decoder and the encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ...inference.backend import Backend
from ..film_options import FilmOptions
from ..media.film_info import FilmInfo
from ..media.video_encoder import VideoEncoder
from .color_track import ColorTrack
from .frame_painter import FramePainter
from .frame_predictor import FramePredictor
from .frame_view import FrameViewer
from .scenes import read_scenes
from .working_frame import FrameConverter


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmStages:
    """The stages of one film, in the order that a frame meets them.

    Parameters
    ----------
    converter
        To the encoder's layout.
    viewer
        Makes the small pictures.
    predictor
        Asks the model, where `track` wants it.
    track
        Gives every frame its colour.
    painter
        Writes it.
    """

    converter: FrameConverter
    viewer: FrameViewer
    predictor: FramePredictor
    track: ColorTrack
    painter: FramePainter

    @classmethod
    def of(
        cls, backend: Backend, info: FilmInfo, encoder: VideoEncoder, options: FilmOptions
    ) -> Self:
        """The parts for a film, its output and the user's wishes; raises UsageError."""
        has_scenes = options.scenes is not None and options.scenes.exists()
        scenes = read_scenes(options.scenes) if options.scenes and has_scenes else ()
        layout, tags = encoder.layout, encoder.tags
        predictor = FramePredictor(
            backend, info, scenes=scenes, reference=options.reference, as_is=options.as_is
        )
        is_smooth = options.temporal == "smooth"
        return cls(
            converter=FrameConverter(
                layout, tags, source_tags=info.tags, height=info.height, width=info.width
            ),
            viewer=FrameViewer(
                layout,
                tags,
                is_interlaced=info.is_interlaced,
                motion_height=predictor.motion_height,
                motion_width=predictor.motion_width,
            ),
            predictor=predictor,
            track=ColorTrack(
                strength=options.strength if is_smooth else 0.0,
                every=options.every or (0 if is_smooth else 1),
                cuts=frozenset(scene.frame for scene in scenes) if has_scenes else None,
                cut_share=options.cut_share,
            ),
            painter=FramePainter(layout, tags, options.look),
        )
