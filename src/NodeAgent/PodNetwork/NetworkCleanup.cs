using Linux;

namespace NodeAgent.PodNetwork;

/// <summary>
/// Removes everything that carries our marks, whichever agent made it: pod links, their namespaces' pins, the bridge, the VXLAN device, our routes.
/// The sysctls stay as they are: others may rely on forwarding by now. Errors are collected; the rest is removed all the same.
/// </summary>
internal static class NetworkCleanup
{
    /// <exception cref="AggregateException">Some of it could not be removed.</exception>
    public static void Run(NetworkNamespace node, string podsDirectory)
    {
        var errors = new List<Exception>();
        foreach (var pin in Pins(podsDirectory)) Try(errors, () => PinnedNamespaces.Remove(pin));
        using var socket = NetlinkSocket.OpenIn(node);
        foreach (var group in (uint[])[Marks.LinkGroup, Marks.OrphanGroup]) Try(errors, () => DeleteGroup(socket, group));
        Try(errors, () => Delete(socket, Marks.Overlay, "vxlan"));
        Try(errors, () => Delete(socket, Marks.CarrierPort, "veth"));
        Try(errors, () => Delete(socket, Marks.Bridge, "bridge"));
        Try(errors, () => DeleteRoutes(socket));
        Try(errors, () => PeerNames.Delete(podsDirectory));
        Try(errors, () => Mounts.Remove(podsDirectory)); // its shared mount on itself
        if (errors.Count > 0) throw new AggregateException("not everything of the pod network could be removed", errors);
    }

    private static IEnumerable<string> Pins(string podsDirectory) => !Directory.Exists(podsDirectory) ? [] :
        from pod in Directory.EnumerateDirectories(podsDirectory)
        let namespaces = Path.Combine(pod, "ns")
        where Directory.Exists(namespaces)
        from pin in Directory.EnumerateFiles(namespaces)
        select pin;

    private static void DeleteGroup(NetlinkSocket socket, uint group)
    {
        var failures = socket.TryExecute(new NetlinkRequest().DeleteGroup(group)).Where(failure => failure.Errno != LibC.ENODEV).ToList();
        if (failures.Count > 0) throw new NetlinkException(failures);
    }

    private static void Delete(NetlinkSocket socket, string name, string kind)
    {
        if (Links.Find(socket, name) is { } link && link.Kind == kind) socket.Execute(new NetlinkRequest().DeleteLink(link.Index, name));
    }

    private static void DeleteRoutes(NetlinkSocket socket)
    {
        var request = new NetlinkRequest();
        foreach (var route in Routes.List(socket, Marks.RouteProtocol)) request.DeleteRoute(route);
        socket.Execute(request);
    }

    private static void Try(List<Exception> errors, Action step)
    {
        try { step(); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException) { errors.Add(error); }
    }
}
