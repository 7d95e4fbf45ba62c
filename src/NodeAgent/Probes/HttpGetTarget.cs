using KubeApi.Objects;

namespace NodeAgent.Probes;

/// <summary>Pure: an httpGet action → where to send what (pkg/probe/http NewRequestForHTTPGetAction).</summary>
internal static class HttpGetTarget
{
    /// <exception cref="BadProbeException">The port or the path makes no URL.</exception>
    public static Uri Url(HTTPGetAction action, Container container, string address)
    {
        var scheme = string.IsNullOrEmpty(action.Scheme) ? "http" : action.Scheme.ToLowerInvariant();
        var host = string.IsNullOrEmpty(action.Host) ? address : action.Host;
        var path = (action.Path ?? "").Split('#')[0];
        var text = $"{scheme}://{Dialer.Target(host, ProbePort.Resolve(action.Port, container))}{(path.StartsWith('/') ? "" : "/")}{path}";
        // As it is written: a server may tell /a%2Fb from /a/b.
        return Uri.TryCreate(text, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }, out var url) ? url
            : throw new BadProbeException($"parse \"{text}\": invalid URL");
    }

    /// <summary>User-Agent and Accept unless the action has its own; one that it has empty is not sent.</summary>
    /// <exception cref="BadProbeException">A value cannot be sent.</exception>
    public static HttpRequestMessage Request(HTTPGetAction action, Uri url, string userAgent)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.ConnectionClose = true;
        foreach (var header in action.HttpHeaders ?? []) Add(request, header.Name, header.Value);
        if (!Has(action, "User-Agent")) Add(request, "User-Agent", userAgent);
        if (!Has(action, "Accept")) Add(request, "Accept", "*/*");
        return request;
    }

    private static bool Has(HTTPGetAction action, string name) =>
        action.HttpHeaders?.Any(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) == true;

    private static void Add(HttpRequestMessage request, string name, string value)
    {
        if (value.AsSpan().IndexOfAny("\r\n\0") >= 0) throw new BadProbeException($"net/http: invalid header field value for \"{name}\"");
        if (value.Length == 0 && name.ToLowerInvariant() is "user-agent" or "accept") return;
        if (name.Equals("Host", StringComparison.OrdinalIgnoreCase)) request.Headers.Host = value;
        else if (!request.Headers.TryAddWithoutValidation(name, value))
            (request.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(name, value); // what describes a body
    }
}
