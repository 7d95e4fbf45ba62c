using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace NodeAgent.Server;

/// <summary>One path of the node's port and who answers it.</summary>
/// <param name="Pattern">Segments; one in braces takes any value: <c>/containerLogs/{namespace}/{pod}/{container}</c>.</param>
internal sealed record NodeRoute(string Pattern, Func<NodeRequest, Task> Handle)
{
    private readonly string[] segments = Pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The values of the segments in braces; null for another path.</summary>
    public Dictionary<string, string>? Match(string[] path)
    {
        if (path.Length != segments.Length) return null;
        var values = new Dictionary<string, string>();
        for (var i = 0; i < path.Length; i++)
        {
            if (segments[i][0] == '{') values[segments[i][1..^1]] = path[i];
            else if (segments[i] != path[i]) return null;
        }
        return values;
    }
}

/// <summary>The paths of the node's port: the first that matches answers.</summary>
internal sealed class NodeRoutes(IReadOnlyList<NodeRoute> routes)
{
    /// <summary>Never throws: a refusal becomes its code with a line of text, as the kubelet answers.</summary>
    public async Task Handle(HttpContext http, ILogger log)
    {
        try
        {
            var path = http.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
            foreach (var route in routes)
            {
                if (route.Match(path) is not { } values) continue;
                await route.Handle(new NodeRequest(http, values));
                return;
            }
            await Refuse(http, 404, "404 page not found");
        }
        catch (NodeRequestException e) when (!http.Response.HasStarted) { await Refuse(http, e.Code, e.Message); }
        catch (Exception e) when (http.RequestAborted.IsCancellationRequested)
        {
            log.LogDebug(e, "{Path}: the client is gone", http.Request.Path);
        }
        catch (Exception e)
        {
            log.LogError(e, "{Method} {Path} failed", http.Request.Method, http.Request.Path);
            if (!http.Response.HasStarted) await Refuse(http, 500, e.Message);
            else http.Abort();
        }
    }

    private static Task Refuse(HttpContext http, int code, string message)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(message + "\n");
    }
}
