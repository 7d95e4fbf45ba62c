using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ControlPlane.NodeProxy;

/// <summary>The part of a proxy's URL that is for the server behind it, escaped as the client wrote it.</summary>
internal static class ProxiedPath
{
    /// <summary><c>/api/v1/nodes/n/proxy/a%2Fb?c</c> → <c>/a%2Fb?c</c>; <c>/</c> where nothing follows.</summary>
    public static string Of(HttpContext http) => Of(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);

    internal static string Of(string target)
    {
        var question = target.IndexOf('?');
        var (path, query) = question < 0 ? (target, "") : (target[..question], target[question..]);
        var after = path.IndexOf("/proxy", FirstPartOfName(path), StringComparison.Ordinal) + "/proxy".Length;
        var rest = after >= path.Length ? "/" : path[after..];
        return rest + query;
    }

    /// <summary>Where a proxy can begin: an object may be named "proxy" too. /api/v1/nodes/NAME, /api/v1/namespaces/NS/pods/NAME.</summary>
    private static int FirstPartOfName(string path)
    {
        var names = path.StartsWith("/api/v1/namespaces/", StringComparison.Ordinal) ? 6 : 4;
        var at = 0;
        for (var i = 0; i < names; i++) at = path.IndexOf('/', at + 1) is > 0 and var next ? next : path.Length;
        return at;
    }
}
