using System.Buffers;
using ControlPlane.ApiServer;
using ControlPlane.Store;
using KubeApi.Objects;

namespace ControlPlane.NodeProxy;

/// <summary><c>pods/NAME/log</c>: what a container has written, as the agent of its node sends it.</summary>
internal sealed class PodLogHandler(ObjectStore store, NodeConnection nodes, CancellationToken stopping)
{
    private const int BufferSize = 64 * 1024, LongestRefusal = 16 * 1024;

    /// <exception cref="StatusException">The pod, its container or the log is not there, or its node is not.</exception>
    public async Task Handle(ApiRequest request)
    {
        var options = PodLogOptions.Of(request);
        var pod = store.Snapshot.Get(request.Key)?.Object as Pod ?? throw StatusException.NotFound(request.Resource, request.Name);
        var container = options.ContainerOf(pod);
        if (request.Flag("insecureSkipTLSVerifyBackend")) request.Warn("insecureSkipTLSVerifyBackend: has no effect, a node's certificate is always checked");
        if (pod.Spec?.NodeName is not { Length: > 0 } node)
        {
            request.Http.Response.StatusCode = 204; // nothing can have been written yet: as kube-apiserver
            return;
        }
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, stopping);
        var path = $"/containerLogs/{request.Namespace}/{request.Name}/{container}{(options.Query.Length > 0 ? "?" : "")}{options.Query}";
        using var answer = await nodes.Get(node, path, ending.Token);
        await using var content = await answer.Content.ReadAsStreamAsync(ending.Token);
        if (!answer.IsSuccessStatusCode) throw await Refusal((int)answer.StatusCode, content, request.Name, ending.Token);
        request.Http.Response.ContentType = "text/plain";
        request.Http.Response.Headers.CacheControl = "no-cache, private";
        await Copy(content, request.Http.Response.Body, ending.Token);
    }

    /// <summary>apimachinery, NewGenericServerResponse, as apiserver's GenericHttpResponseChecker uses it.</summary>
    private static async Task<StatusException> Refusal(int code, Stream content, string pod, CancellationToken cancel)
    {
        var buffer = new byte[LongestRefusal];
        var text = System.Text.Encoding.UTF8.GetString(buffer, 0, await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel)).TrimEnd('\n');
        return code switch
        {
            400 => StatusException.BadRequest(text),
            404 => new StatusException(404, "NotFound", $"the server could not find the requested resource ( pods/log {pod})", new StatusDetails { Name = pod, Kind = "pods/log" }),
            _ => new StatusException(500, "InternalError", $"an error on the server (\"{text}\") has prevented the request from succeeding ( pods/log {pod})", new StatusDetails { Name = pod, Kind = "pods/log" }),
        };
    }

    /// <summary>Passes on what comes as soon as it comes.</summary>
    private static async Task Copy(Stream from, Stream to, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            await to.FlushAsync(cancel); // the head, also before the container's first line
            for (int count; (count = await from.ReadAsync(buffer, cancel)) > 0;)
            {
                await to.WriteAsync(buffer.AsMemory(0, count), cancel);
                await to.FlushAsync(cancel);
            }
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }
}
