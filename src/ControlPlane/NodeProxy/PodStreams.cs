using System.Text;
using ControlPlane.ApiServer;
using ControlPlane.Authorization;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.NodeProxy;

/// <summary><c>pods/NAME/exec</c>, <c>attach</c> and <c>portforward</c>: checks what can be checked here, then passes the connection on to the pod's node.</summary>
internal sealed class PodStreams(ObjectStore store, NodeConnection nodes, Authorizer authorizer, CancellationToken stopping)
{
    /// <exception cref="StatusException">400, 403, 404; 500: the node does not answer.</exception>
    public Task Exec(ApiRequest request)
    {
        var (pod, path) = Begin(request, "exec");
        var query = new StringBuilder(Streams(request));
        var command = request.Http.Request.Query["command"];
        if (command.Count == 0) throw StatusException.BadRequest("you must specify at least one command");
        foreach (var part in command) query.Append("&command=").Append(Uri.EscapeDataString(part ?? ""));
        return Forward(request, pod, $"{path}/{Uri.EscapeDataString(PodContainer.Choose(pod, request.Query("container")))}?{query.ToString().TrimStart('&')}");
    }

    /// <inheritdoc cref="Exec"/>
    public Task Attach(ApiRequest request)
    {
        var (pod, path) = Begin(request, "attach");
        return Forward(request, pod, $"{path}/{Uri.EscapeDataString(PodContainer.Choose(pod, request.Query("container")))}?{Streams(request).TrimStart('&')}");
    }

    /// <inheritdoc cref="Exec"/>
    public Task PortForward(ApiRequest request)
    {
        var (pod, path) = Begin(request, "portForward");
        return Forward(request, pod, path);
    }

    private (Pod Pod, string Path) Begin(ApiRequest request, string action)
    {
        RequireCreate(request);
        var pod = (Pod)(store.Snapshot.Get(request.Key) ?? throw StatusException.NotFound(request.Resource, request.Name)).Object;
        if (string.IsNullOrEmpty(pod.Spec?.NodeName)) throw StatusException.BadRequest($"pod {pod.Name} does not have a host assigned");
        return (pod, $"/{action}/{pod.Namespace}/{pod.Name}/{pod.Metadata.Uid}");
    }

    /// <summary>WebSockets begin with a GET, which must not make of the right to read one to act (kube-apiserver's AuthorizePodWebsocketUpgradeCreatePermission).</summary>
    private void RequireCreate(ApiRequest request)
    {
        var access = request.Access with { Verb = "create" };
        if (request.Access.Verb != "create" && authorizer.Authorize(access) is { Allowed: false } decision) throw StatusException.Refused(access, decision);
    }

    /// <summary>In the node's words: input, output, error, tty.</summary>
    private static string Streams(ApiRequest request)
    {
        // As in kube-apiserver, a client that asks for nothing gets output and errors.
        bool? Asked(string name) => request.Query(name) is null ? null : request.Flag(name);
        var (stdin, tty) = (request.Flag("stdin"), request.Flag("tty"));
        return $"{(stdin ? "&input=1" : "")}{(Asked("stdout") ?? true ? "&output=1" : "")}{(!tty && (Asked("stderr") ?? true) ? "&error=1" : "")}{(tty ? "&tty=1" : "")}";
    }

    private async Task Forward(ApiRequest request, Pod pod, string path)
    {
        if (!RequestForwarding.IsUpgrade(request.Http.Request)) throw StatusException.BadRequest("Upgrade request required");
        try { await RequestForwarding.Forward(request.Http, (message, cancel) => nodes.Send(pod.Spec!.NodeName!, message, path, cancel), stopping); }
        catch (NodeUnreachableException e) { throw StatusException.Unknown($"error dialing backend: {e.Message}"); }
    }
}
