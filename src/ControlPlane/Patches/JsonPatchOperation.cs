using System.Text.Json;

namespace ControlPlane.Patches;

/// <summary>The members that an operation of a JSON patch may have (RFC 6902, section 4), for field validation.</summary>
internal sealed record JsonPatchOperation(string Op, string Path, string From, JsonElement Value);
