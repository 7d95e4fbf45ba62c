using System.Security.Cryptography;
using ControlPlane.Registry;
using KubeApi;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.ApiServer;

/// <summary>
/// Everything that discovery says of <c>/api</c> or <c>/apis</c> in one answer (KEP-3352), for clients that ask for it by
/// <c>Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList</c>.
/// </summary>
internal static class AggregatedDiscovery
{
    private const string Group = "apidiscovery.k8s.io", Kind = "APIGroupDiscoveryList";

    private sealed record Name(string? name);

    private sealed record ResponseKind(string group, string version, string kind);

    /// <summary>The version that the client wants most; null if it rather takes the plain answer.</summary>
    public static string? Wanted(HttpRequest request)
    {
        foreach (var range in AcceptHeader.Of(request).Where(range => range.Takes(MediaType.Json)))
        {
            if (range["as"] is null) return null;
            if (range.Type == MediaType.Json && range["g"] == Group && range["as"] == Kind && range["v"] is "v2" or "v2beta1") return range["v"];
        }
        return null;
    }

    /// <param name="version">v2 or v2beta1, which are alike.</param>
    /// <param name="core">The group without a name (<c>/api</c>), or all others (<c>/apis</c>).</param>
    public static Task Write(HttpContext http, string version, bool core)
    {
        var body = KubeJson.Serialize(new
        {
            kind = Kind, apiVersion = $"{Group}/{version}", metadata = new { },
            items = Kinds.All.Where(kind => kind.Resource.Group.Length == 0 == core).GroupBy(kind => kind.Resource.Group).Select(Describe).ToList(),
        });
        return TaggedAnswer.Write(http, $"{MediaType.Json};g={Group};v={version};as={Kind}", Convert.ToHexString(SHA256.HashData(body)), () => TaggedAnswer.Compress(body));
    }

    private static object Describe(IGrouping<string, KindRegistry> group) => new
    {
        metadata = new Name(group.Key.Length == 0 ? null : group.Key),
        versions = group.GroupBy(kind => kind.Resource.Version).Select(version => new
        {
            version = version.Key, freshness = "Current", resources = version.Select(Describe).ToList(),
        }).ToList(),
    };

    private static object Describe(KindRegistry kind)
    {
        var r = kind.Resource;
        return new
        {
            resource = r.Plural, responseKind = KindOf(r), scope = r.Namespaced ? "Namespaced" : "Cluster", singularResource = r.Kind.ToLowerInvariant(),
            verbs = kind.Verbs, shortNames = OrNull(r.ShortNames), categories = OrNull(r.Categories),
            subresources = OrNull(kind.Subresources.Select(part => new { subresource = part.Name, responseKind = KindOf(part.Body), verbs = part.Verbs }).ToList()),
        };
    }

    private static ResponseKind KindOf(Resource resource) => new(resource.Group, resource.Version, resource.Kind);

    private static IReadOnlyList<T>? OrNull<T>(IReadOnlyList<T> list) => list.Count == 0 ? null : list;
}
