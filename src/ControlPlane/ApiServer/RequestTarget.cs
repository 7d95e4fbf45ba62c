namespace ControlPlane.ApiServer;

/// <summary>
/// What a resource URL names: <c>/api/v1/namespaces/NS/pods/NAME/status</c>, <c>/apis/GROUP/VERSION/…</c>. Empty
/// strings where a part is absent.
/// </summary>
internal sealed record RequestTarget(string Group, string Version, string Namespace, string Plural, string Name, string Subresource)
{
    /// <summary>Null for a path that is not that of a resource (discovery, health, …).</summary>
    public static RequestTarget? Parse(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString).ToArray();
        return parts switch
        {
            ["api", var version, .. { Length: > 0 } rest] => Rest("", version, rest),
            ["apis", var group, var version, .. { Length: > 0 } rest] => Rest(group, version, rest),
            _ => null,
        };
    }

    private static RequestTarget? Rest(string group, string version, string[] rest) => rest switch
    {
        // A namespace is itself an object with subresources, and the scope of others.
        ["namespaces", var name, "status" or "finalize"] => new RequestTarget(group, version, "", "namespaces", name, rest[2]),
        ["namespaces", var ns, var plural] => new RequestTarget(group, version, ns, plural, "", ""),
        ["namespaces", var ns, var plural, var name] => new RequestTarget(group, version, ns, plural, name, ""),
        ["namespaces", var ns, var plural, var name, .. var sub] => new RequestTarget(group, version, ns, plural, name, string.Join('/', sub)),
        [var plural] => new RequestTarget(group, version, "", plural, "", ""),
        [var plural, var name] => new RequestTarget(group, version, "", plural, name, ""),
        [var plural, var name, .. var sub] => new RequestTarget(group, version, "", plural, name, string.Join('/', sub)),
        _ => null,
    };
}
