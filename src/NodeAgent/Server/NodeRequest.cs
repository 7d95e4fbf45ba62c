using Microsoft.AspNetCore.Http;

namespace NodeAgent.Server;

/// <summary>A request to the node's port, with the values of its path.</summary>
internal sealed class NodeRequest(HttpContext http, IReadOnlyDictionary<string, string> path)
{
    public HttpContext Http => http;

    public CancellationToken Aborted => http.RequestAborted;

    /// <summary>The value of a segment that the pattern has in braces; null where it has none such.</summary>
    public string? Path(string name) => path.GetValueOrDefault(name);

    /// <summary>Null where the parameter is absent or empty.</summary>
    public string? Query(string name) => http.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;

    /// <summary>As the kubelet reads its stream parameters: 1 or true.</summary>
    public bool Flag(string name) => Query(name) is "1" or "true";

    /// <exception cref="NodeRequestException">405.</exception>
    public void Require(params string[] methods)
    {
        if (!methods.Contains(http.Request.Method)) throw new NodeRequestException(405, "405: Method Not Allowed");
    }

    public Task Text(string text)
    {
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(text, Aborted);
    }
}

/// <summary>A request that is refused; code and message go to the client.</summary>
internal sealed class NodeRequestException(int code, string message) : Exception(message)
{
    public int Code => code;
}
