using System.Runtime.InteropServices;
using ControlPlane.Registry;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.ApiServer;

/// <summary>What the server serves: groups, versions, resources with their verbs; made from <see cref="Kinds"/>.</summary>
internal static class Discovery
{
    private sealed record ApiResource(string Name, string SingularName, bool Namespaced, string? Group, string? Version, string Kind, IReadOnlyList<string> Verbs,
        IReadOnlyList<string>? ShortNames = null, IReadOnlyList<string>? Categories = null);

    private sealed record GroupVersion(string groupVersion, string version);

    /// <summary>False for a path that is none of discovery's.</summary>
    public static async Task<bool> TryHandle(HttpContext http)
    {
        var parts = http.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is ["api" or "apis"] && AggregatedDiscovery.Wanted(http.Request) is { } form)
        {
            ReadOnly(http.Request);
            await AggregatedDiscovery.Write(http, form, core: parts[0] == "api");
            return true;
        }
        object? body = parts switch
        {
            ["version"] => Version,
            ["api"] => Versions(http),
            ["apis"] => new { kind = "APIGroupList", apiVersion = "v1", groups = Groups().Select(Group).ToList() },
            ["api", var version] => Resources("", version),
            ["apis", var group] => Groups().Contains(group) ? Typed(group) : null,
            ["apis", var group, var version] => Resources(group, version),
            _ => null,
        };
        if (body is null) return false;
        ReadOnly(http.Request);
        if (parts is ["api" or "apis"]) http.Response.Headers.Vary = "Accept";
        await Answer.Json(http, 200, body);
        return true;
    }

    /// <summary>The version of Kubernetes whose API this is; what follows the plus says that it is ours.</summary>
    public const string GitVersion = "v1.36.0+nodeagent";

    private static void ReadOnly(HttpRequest request)
    {
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method)) throw StatusException.MethodNotAllowed();
    }

    private static object Version { get; } = new
    {
        major = "1", minor = "36", gitVersion = GitVersion, gitCommit = "", gitTreeState = "clean", buildDate = "1970-01-01T00:00:00Z",
        goVersion = RuntimeInformation.FrameworkDescription, compiler = "roslyn", platform = $"linux/{RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => "amd64", var other => other.ToString().ToLowerInvariant() }}",
    };

    private static object Versions(HttpContext http) => new
    {
        kind = "APIVersions", versions = new[] { "v1" },
        serverAddressByClientCIDRs = new[] { new { clientCIDR = "0.0.0.0/0", serverAddress = http.Request.Host.Value } },
    };

    private static IEnumerable<string> Groups() => Kinds.All.Select(kind => kind.Resource.Group).Where(group => group.Length > 0).Distinct();

    private static object Group(string name) => new { name, versions = GroupVersions(name), preferredVersion = GroupVersions(name)[0] };

    private static object Typed(string name) =>
        new { kind = "APIGroup", apiVersion = "v1", name, versions = GroupVersions(name), preferredVersion = GroupVersions(name)[0] };

    private static List<GroupVersion> GroupVersions(string group) =>
        Kinds.All.Where(kind => kind.Resource.Group == group).Select(kind => kind.Resource.Version).Distinct().Select(version => new GroupVersion($"{group}/{version}", version)).ToList();

    private static object? Resources(string group, string version)
    {
        var kinds = Kinds.All.Where(kind => kind.Resource.Group == group && kind.Resource.Version == version).ToList();
        return kinds.Count == 0 ? null : new
        {
            kind = "APIResourceList", apiVersion = "v1", groupVersion = kinds[0].Resource.ApiVersion,
            resources = kinds.SelectMany(Resources).OrderBy(resource => resource.Name, StringComparer.Ordinal).ToList(),
        };
    }

    private static IEnumerable<ApiResource> Resources(KindRegistry kind)
    {
        var r = kind.Resource;
        yield return new ApiResource(r.Plural, r.Kind.ToLowerInvariant(), r.Namespaced, null, null, r.Kind, kind.Verbs, r.ShortNames, r.Categories);
        foreach (var (name, body, verbs) in kind.Subresources)
        {
            var foreign = body.ApiVersion != r.ApiVersion; // only then its group and version are named
            yield return new ApiResource($"{r.Plural}/{name}", "", r.Namespaced, foreign ? body.Group : null, foreign ? body.Version : null, body.Kind, verbs);
        }
    }
}
