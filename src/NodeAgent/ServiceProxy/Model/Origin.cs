using KubeApi.Objects;

namespace NodeAgent.ServiceProxy.Model;

/// <summary>The API object, in one of its versions, that an entry in the kernel came from.</summary>
/// <param name="Name">namespace/name, or the name alone for kinds without namespaces.</param>
/// <param name="Generation">Of kinds that have one: counts the changes of what is wanted.</param>
internal sealed record Origin(string Kind, string Name, string? ResourceVersion, long? Generation = null)
{
    public static Origin Of(string kind, KubeObject subject) => new(kind, subject.Key, subject.Metadata.ResourceVersion, subject.Metadata.Generation);

    /// <summary>As <c>nodeagent state</c> prints it: <c>Service default/my-nginx (generation 2, resourceVersion 123)</c>.</summary>
    public override string ToString() => ResourceVersion is null ? $"{Kind} {Name}"
        : $"{Kind} {Name} ({(Generation is { } generation ? $"generation {generation}, " : "")}resourceVersion {ResourceVersion})";
}
