using KubeApi.Objects;

namespace ControlPlane.Authorization;

/// <summary>Metadata of the roles and bindings that the server keeps.</summary>
internal static class DefaultMeta
{
    /// <summary>With the value "true" the server adds at every start what a default role or binding lacks; "false" keeps it as it is.</summary>
    public const string AutoUpdate = "rbac.authorization.kubernetes.io/autoupdate";

    public static ObjectMeta Named(string name, params IReadOnlyList<string> labels) => new()
    {
        Name = name,
        Annotations = new Dictionary<string, string> { [AutoUpdate] = "true" },
        Labels = labels.Prepend("kubernetes.io/bootstrapping").ToDictionary(label => label, label => label == "kubernetes.io/bootstrapping" ? "rbac-defaults" : "true"),
    };
}
