using ControlPlane.ApiServer;

namespace ControlPlane.NodeProxy;

/// <summary>The name in a pod's or Service's proxy URL: <c>name</c>, <c>name:port</c> or <c>scheme:name:port</c> (apimachinery SplitSchemeNamePort).</summary>
internal readonly record struct ProxyTarget(string Scheme, string Name, string Port)
{
    /// <exception cref="StatusException">400.</exception>
    public static ProxyTarget Parse(string text, string what) => text.Split(':') switch
    {
        [{ Length: > 0 } name] => new ProxyTarget("http", name, ""),
        [{ Length: > 0 } name, { Length: > 0 } port] => new ProxyTarget("http", name, port),
        [("http" or "https" or "") and var scheme, { Length: > 0 } name, var port] => new ProxyTarget(scheme.Length == 0 ? "http" : scheme, name, port),
        _ => throw StatusException.BadRequest($"invalid {what} request \"{text}\""),
    };
}
