using ControlPlane.Authentication;
using KubeApi;

namespace ControlPlane.Authorization;

/// <summary>
/// What somebody wants to do: a verb on a resource, or on a path that is none (authorization attributes). Empty strings
/// where a part is absent; a create has no name yet.
/// </summary>
internal sealed record AccessRequest(User User, string Verb)
{
    public string Group { get; init; } = "";

    public string Version { get; init; } = "";

    /// <summary>Plural name; empty for a path that is no resource.</summary>
    public string Resource { get; init; } = "";

    public string Subresource { get; init; } = "";

    public string Namespace { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>For a path that is no resource.</summary>
    public string Path { get; init; } = "";

    /// <summary>What a list, watch or deletecollection selects by.</summary>
    public FieldSelector Fields { get; init; } = FieldSelector.Everything;

    /// <summary><c>pods</c> or <c>pods/log</c>.</summary>
    public string FullResource => Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";

    /// <summary>What the answer to a refused request begins with, in Kubernetes' words.</summary>
    public string Refusal => Resource.Length == 0 ? $"User \"{User.Name}\" cannot {Verb} path \"{Path}\""
        : $"User \"{User.Name}\" cannot {Verb} resource \"{FullResource}\" in API group \"{Group}\" "
            + (Namespace.Length > 0 ? $"in the namespace \"{Namespace}\"" : "at the cluster scope");
}

/// <summary>An authorizer's answer; the reason is for people, may be empty, and never names anything secret.</summary>
internal readonly record struct Decision(bool Allowed, string Reason);
