"""Options of the command line that belong to Beam: known ones are passed on, unknown ones refused by name.

Beam alone only warns about an option that it does not know, and runs.
"""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence

from apache_beam.options.pipeline_options import PipelineOptions

from pipelines.exits import UnknownOption

LOCAL_RUNNER = "FnApiRunner"
"""The local default, named: Beam's own default is a switch that picks a runner by what it finds on the machine."""

_LOCAL = (LOCAL_RUNNER, "DirectRunner", "PrismRunner")
_STREAMING = ("PrismRunner", "PortableRunner", "FlinkRunner", "DataflowRunner")
_BY_JOB_SERVER = ("PortableRunner", "FlinkRunner")

_FLINK = (
    "allow_non_restored_state",
    "auto_watermark_interval",
    "checkpoint_timeout_millis",
    "checkpointing_interval",
    "checkpointing_mode",
    "externalized_checkpoints_enabled",
    "finish_bundle_before_checkpointing",
    "max_bundle_size",
    "max_bundle_time_mills",
    "min_pause_between_checkpoints",
    "num_concurrent_checkpoints",
    "retain_externalized_checkpoints_on_cancellation",
    "savepoint_path",
    "state_backend",
    "state_backend_storage_path",
    "unaligned_checkpoint_enabled",
)
"""Options of Beam's Flink job server (FlinkPipelineOptions, 2.62) for an unbounded job. Beam's Python learns of them
only from the job server, when it submits a job."""


def split_beam_arguments(extra: Sequence[str]) -> tuple[list[str], list[str]]:
    """Parts arguments that newsbeam does not know into Beam's options and positional ones.

    Raises:
        UnknownOption: An option is unknown to Beam too; the message names the nearest known one.
    """
    parser = _beam_parser()
    if _is_one_of(_runner(extra) or "", _BY_JOB_SERVER):
        for name in _FLINK:
            parser.add_argument(f"--{name}", nargs="?")
    _, rest = parser.parse_known_args(list(extra))
    for argument in rest:
        if argument.startswith("-") and argument != "-":
            raise UnknownOption(_unknown(argument.split("=", 1)[0], sorted(parser._option_string_actions)))
    beam_arguments = list(extra)
    for positional in rest:
        beam_arguments.remove(positional)
    return beam_arguments, rest


def local_options(beam_arguments: Sequence[str]) -> PipelineOptions:
    """Beam options of a bounded run on this machine, with the local runner unless another local one is named.

    Raises:
        UnknownOption: A runner that bounded runs cannot use.
    """
    named = _runner(beam_arguments)
    if named is None:
        return PipelineOptions([*beam_arguments, f"--runner={LOCAL_RUNNER}"])
    if not _is_one_of(named, _LOCAL):
        raise UnknownOption(
            f"--runner={named}: bounded runs are for this machine. Leave --runner out, use one of {', '.join(_LOCAL)},"
            " or run newsbeam watch, whose unbounded job is for clusters."
        )
    return PipelineOptions(list(beam_arguments))


def streaming_options(beam_arguments: Sequence[str]) -> PipelineOptions | None:
    """Beam options of the unbounded job; None where no runner is named that takes one."""
    named = _runner(beam_arguments)
    if named is None or not _is_one_of(named, _STREAMING):
        return None
    return PipelineOptions([*beam_arguments, "--streaming"])


def is_prism(options: PipelineOptions) -> bool:
    """True where the job runs on a Prism that the command starts for itself."""
    return _is_one_of(str(options.get_all_options(drop_default=True).get("runner")), ("PrismRunner",))


def _runner(beam_arguments: Sequence[str]) -> str | None:
    named = PipelineOptions(list(beam_arguments)).get_all_options(drop_default=True).get("runner")
    return None if named is None else str(named)


def _is_one_of(named: str, runners: Sequence[str]) -> bool:
    """Beam takes a runner's name in any case, and its full Python path."""
    return named.rsplit(".", 1)[-1].lower() in {name.lower() for name in runners}


def _beam_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for group in _all_option_groups(PipelineOptions):
        group._add_argparse_args(parser)
    return parser


def _all_option_groups(base: type[PipelineOptions]) -> list[type[PipelineOptions]]:
    return [sub for direct in base.__subclasses__() for sub in (direct, *_all_option_groups(direct))]


def _unknown(option: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(option, known, n=1, cutoff=0.6)
    hint = f" Did you mean {near[0]}?" if near else " See newsbeam COMMAND --help."
    return f"no such option: {option}.{hint}"
