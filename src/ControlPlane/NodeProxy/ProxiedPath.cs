using ControlPlane.ApiServer;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ControlPlane.NodeProxy;

/// <summary>The part of a proxy's URL that is for the server behind it, escaped as the client wrote it.</summary>
internal static class ProxiedPath
{
    private const string Word = "/proxy";

    /// <summary><c>/api/v1/nodes/n/proxy/a%2Fb?c</c> → <c>/a%2Fb?c</c>; <c>/</c> where nothing follows.</summary>
    public static string Of(HttpContext http) => Of(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);

    /// <exception cref="StatusException">400: where that part begins cannot be told.</exception>
    internal static string Of(string target)
    {
        var question = target.IndexOf('?');
        var (path, query) = question < 0 ? (target, "") : (target[..question], target[question..]);
        var at = FirstPartOfName(path);
        // Whoever writes the word in another way (%70roxy) must not choose where the rest begins: it could end in the host's name.
        if (!Follows(path, at)) throw StatusException.BadRequest("the path of a proxy is to be written plainly: /proxy");
        var after = at + Word.Length;
        return (after == path.Length ? "/" : path[after..]) + query;
    }

    private static bool Follows(string path, int at) =>
        path.AsSpan(at).StartsWith(Word, StringComparison.Ordinal) && (path.Length == at + Word.Length || path[at + Word.Length] == '/');

    /// <summary>Where a proxy can begin: an object may be named "proxy" too. /api/v1/nodes/NAME, /api/v1/namespaces/NS/pods/NAME.</summary>
    private static int FirstPartOfName(string path)
    {
        var names = path.StartsWith("/api/v1/namespaces/", StringComparison.Ordinal) ? 6 : 4;
        var at = 0;
        for (var i = 0; i < names; i++) at = path.IndexOf('/', at + 1) is > 0 and var next ? next : path.Length;
        return at;
    }
}
