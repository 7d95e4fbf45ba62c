using System.Text.Json;
using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A former or present template of a daemon set, kept for history and rollback.</summary>
[ApiType("io.k8s.api.apps.v1.ControllerRevision")]
[Kind("apps", "v1", "ControllerRevision", "controllerrevisions")]
public sealed record ControllerRevision : KubeObject
{
    /// <summary>The recorded state, as its controller needs it; cannot be changed.</summary>
    [Field(2)]
    public JsonElement? Data { get; init; }

    /// <summary>Rank of the recorded state: the higher, the newer.</summary>
    [Field(3, Required = true)]
    public long Revision { get; init; }
}
