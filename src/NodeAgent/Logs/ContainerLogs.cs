using KubeApi.Objects;
using Linux;
using Microsoft.AspNetCore.Http;
using NodeAgent.Kubelet;
using NodeAgent.Server;

namespace NodeAgent.Logs;

/// <summary><c>/containerLogs/{namespace}/{pod}/{container}</c> at the node's port: one container's log as text.</summary>
/// <param name="pods">This node's pods by namespace/name.</param>
internal sealed class ContainerLogs(NodePaths paths, OciRuntime runtime, Func<string, Pod?> pods)
{
    /// <exception cref="NodeRequestException">400, 404 and 422, with the kubelet's words.</exception>
    public async Task Handle(NodeRequest request)
    {
        request.Require("GET");
        var options = Options(request.Http.Request.Query);
        var (ns, name, container) = (request.Path("namespace")!, request.Path("pod")!, request.Path("container")!);
        var pod = pods($"{ns}/{name}") ?? throw new NodeRequestException(404, $"pod \"{name}\" does not exist");
        var reader = Reader(pod, container, options);
        request.Http.Response.ContentType = "text/plain";
        try { await reader.CopyTo(request.Http.Response.Body, request.Aborted); }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException && !request.Http.Response.HasStarted)
        {
            throw new NodeRequestException(400, $"unable to retrieve container logs for container \"{container}\" in pod \"{name}\": {e.Message}");
        }
    }

    private static LogOptions Options(IQueryCollection query)
    {
        try { return LogOptions.Parse(query, DateTime.UtcNow); }
        catch (Exception e) when (e is FormatException or OverflowException) { throw new NodeRequestException(400, """{"message": "Unable to decode query."}"""); }
        catch (ArgumentOutOfRangeException) { throw new NodeRequestException(422, """{"message": "Invalid request."}"""); }
    }

    private LogReader Reader(Pod pod, string container, LogOptions options)
    {
        var uid = pod.Metadata.Uid!;
        try
        {
            var log = ContainerLog.Of(pod, Record(uid), container, options.Previous);
            var path = Path.Combine(paths.LogDirectory(pod.Namespace, pod.Name, uid), container, $"{log.Attempt}.log");
            return new LogReader(path, options, () => HasEnded(uid, container, log.ContainerId), paths.Exits);
        }
        catch (ContainerLogException e) { throw new NodeRequestException(400, e.Message); }
    }

    /// <summary>conmon writes the exit code when it has written all of the output. The record is asked second: the file goes once that has it.</summary>
    private bool HasEnded(string uid, string container, string? id) =>
        id is null || runtime.ReadExit(id, paths.Bundle(uid, id)) is not null || Record(uid)?.Container(container) is not { IsRunning: true } running || running.Id != id;

    private PodRecord? Record(string uid) => StateFile.TryRead<PodRecord>(paths.PodRecord(uid));
}
