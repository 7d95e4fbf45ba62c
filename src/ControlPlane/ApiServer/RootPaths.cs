using ControlPlane.Authentication;
using ControlPlane.Registry;

namespace ControlPlane.ApiServer;

/// <summary>What <c>GET /</c> answers: the paths that there are (meta.k8s.io/v1 RootPaths).</summary>
internal sealed record RootPaths(IReadOnlyList<string> Paths)
{
    public static RootPaths All { get; } = new(Kinds.All.Select(kind => kind.Resource)
        .SelectMany(resource => resource.Group.Length == 0 ? [$"/api/{resource.Version}"] : new[] { $"/apis/{resource.Group}", $"/apis/{resource.Group}/{resource.Version}" })
        .Concat(["/api", "/apis", "/apis/", "/openapi/v2", "/openapi/v3", "/version"]).Concat(OpenIdDiscovery.Paths).Concat(HealthChecks.Paths)
        .Distinct().Order(StringComparer.Ordinal).ToList());
}
