"""The media of a request, wherever its turns hold them."""

from gateway.types.request import MediaPart, Request, ToolResultPart


def media_parts(request: Request, *, in_results_only: bool = False) -> list[MediaPart]:
    """Every medium that a part claims, in order of the turns; those in results of tools are among them."""
    found = []
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, ToolResultPart):
                found += [item for item in part.parts if isinstance(item, MediaPart)]
            elif isinstance(part, MediaPart) and not in_results_only:
                found.append(part)
    return found
