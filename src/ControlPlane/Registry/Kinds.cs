namespace ControlPlane.Registry;

/// <summary>Every kind that is served, with its rules.</summary>
internal static class Kinds
{
    public static IReadOnlyList<KindRegistry> All { get; } =
    [
        new ConfigMapRegistry(), new EndpointsRegistry(), new EventRegistry(), new NamespaceRegistry(), new NodeRegistry(), new PodRegistry(),
        new ReplicationControllerRegistry(), new SecretRegistry(), new ServiceRegistry(),
        new ServiceAccountRegistry(),
        new DeploymentRegistry(), new ReplicaSetRegistry(), new LeaseRegistry(), new EndpointSliceRegistry(),
    ];

    private static readonly Dictionary<(string Group, string Version, string Plural), KindRegistry> ByPath =
        All.ToDictionary(kind => (kind.Resource.Group, kind.Resource.Version, kind.Resource.Plural));

    /// <summary>The rules of a resource by its place in the URL; null where none is served there.</summary>
    public static KindRegistry? Find(string group, string version, string plural) => ByPath.GetValueOrDefault((group, version, plural));
}
