using System.Net.Sockets;
using KubeApi;
using KubeApi.Objects;
using Linux;
using Microsoft.AspNetCore.Connections.Features;
using NodeAgent.Kubelet;
using NodeAgent.Server;
using NodeAgent.Streams.Spdy;

namespace NodeAgent.Streams;

/// <summary>The node's paths <c>/exec</c>, <c>/attach</c> and <c>/portForward</c>.</summary>
internal sealed class PodStreams(Kubelet.Kubelet kubelet, Informer<Pod> pods, OciRuntime runtime, NodePaths paths)
{
    /// <summary>How long one forwarded connection whose pod does not read may hold up the others.</summary>
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(30);

    /// <summary>As the kubelet's.</summary>
    public IReadOnlyList<NodeRoute> Routes =>
    [
        new("/exec/{namespace}/{pod}/{container}", Exec), new("/exec/{namespace}/{pod}/{uid}/{container}", Exec),
        new("/attach/{namespace}/{pod}/{container}", Attach), new("/attach/{namespace}/{pod}/{uid}/{container}", Attach),
        new("/portForward/{namespace}/{pod}", PortForward), new("/portForward/{namespace}/{pod}/{uid}", PortForward),
    ];

    private async Task Exec(NodeRequest request)
    {
        using var peer = Watch(request);
        request.Require("GET", "POST");
        var (pod, container) = Container(request);
        var options = StreamOptions.Of(request);
        IReadOnlyList<string> command = [.. request.Http.Request.Query["command"].Select(part => part ?? "")];
        if (command.Count == 0 || command[0].Length == 0) throw new NodeRequestException(400, "you must specify a command");
        try
        {
            await using var client = await StreamUpgrade.ToRemoteStreams(request.Http, options, request.Aborted);
            var size = options.Terminal ? await TerminalSizes.WaitForFirst(client.Resize, request.Aborted) : null;
            await using var process = runtime.StartProcess(container.Id, paths.Bundle(pod.Uid, container.Id),
                new OciCommand(command, options.Stdin, options.Stdout, options.Stderr, options.Terminal) { Size = size });
            await new ExecSession(process, client, options).Run(request.Aborted);
        }
        catch (IOException) { } // a client that came and went
    }

    private async Task Attach(NodeRequest request)
    {
        using var peer = Watch(request);
        request.Require("GET", "POST");
        var (pod, container) = Container(request);
        var options = StreamOptions.Of(request);
        using var attachment = Attachment(paths.Bundle(pod.Uid, container.Id), container.Name);
        try
        {
            await using var client = await StreamUpgrade.ToRemoteStreams(request.Http, options, request.Aborted);
            await new AttachSession(attachment, client, options).Run(request.Aborted);
        }
        catch (IOException) { }
    }

    private async Task PortForward(NodeRequest request)
    {
        using var peer = Watch(request);
        request.Require("GET", "POST");
        var pod = Pod(request);
        if (pod.Sandbox is not { Removed: false }) throw new NodeRequestException(500, $"pod not found (\"{pod.Name}_{pod.Namespace}\")");
        // A pod in the node's own network has no namespace to enter.
        var isHost = pods.Get($"{pod.Namespace}/{pod.Name}")?.Spec?.HostNetwork == true;
        var network = isHost ? null : paths.Namespace(pod.Uid, "net");
        var transport = StreamUpgrade.IsWebSocket(request.Http.Request)
            ? new WebSocketByteStream((await StreamUpgrade.ToWebSocket(request.Http, WebSocketByteStream.Protocol)).Socket)
            : (await StreamUpgrade.ToSpdy(request.Http, "portforward.k8s.io")).Connection;
        await using var connection = new SpdyConnection(transport, StallLimit);
        await new PortForwardSession(connection, (port, cancel) => PodNetworkDial.Localhost(network, port, cancel), (port, e) =>
            $"error forwarding port {port} to pod {pod.Name}_{pod.Namespace}, uid {pod.Uid}: failed to connect to localhost:{port} inside namespace \"{pod.Uid}\", {e.Message}").Run(request.Aborted);
    }

    /// <summary>A client may go while its input waits for a command that reads none.</summary>
    private static ClosedPeer? Watch(NodeRequest request) =>
        request.Http.Features.Get<IConnectionSocketFeature>() is { } connection ? new ClosedPeer(connection.Socket, request.Http.Abort) : null;

    private PodRecord Pod(NodeRequest request) =>
        kubelet.Find(request.Path("namespace")!, request.Path("pod")!, request.Path("uid")) ?? throw new NodeRequestException(404, "pod does not exist");

    /// <exception cref="NodeRequestException">404, or 500 for a container that does not run, as the kubelet answers.</exception>
    private (PodRecord, ContainerRecord) Container(NodeRequest request)
    {
        var (pod, name) = (Pod(request), request.Path("container")!);
        return pod.Container(name) is { IsRunning: true, StartedAt: not null } container ? (pod, container)
            : throw new NodeRequestException(500, $"container not found (\"{name}\")");
    }

    private static ConmonAttachment Attachment(string bundle, string container)
    {
        try { return ConmonAttachment.Open(bundle); }
        catch (Exception e) when (e is SocketException or SystemCallException) { throw new NodeRequestException(500, $"container not found (\"{container}\")"); }
    }
}
