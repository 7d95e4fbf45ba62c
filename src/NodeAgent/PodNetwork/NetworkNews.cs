using Linux;

namespace NodeAgent.PodNetwork;

/// <summary>
/// Whether events of the kernel are news: whether they tell of something that is not as it shall be, or that the desired state rests on. What
/// this agent does itself leads to what shall be, so it is none, and a hundred pods may come without anything being compared.
/// </summary>
/// <param name="desired">As it was compared last.</param>
/// <param name="observed">What was there then; of the changes since only the names of links are remembered.</param>
internal sealed class NetworkNews(DesiredNetwork desired, ObservedNetwork observed)
{
    private readonly Dictionary<int, string> names = observed.Links.Values.ToDictionary(link => link.Index, link => link.Name);
    private Dictionary<string, PodPort> podOfLink = [];

    public DesiredNetwork Desired => desired;
    public ObservedNetwork Observed => observed;

    /// <param name="messages">All of a burst: of several about one thing only the last tells how it is.</param>
    /// <param name="pods">Those of now.</param>
    public bool In(IReadOnlyList<NetlinkMessage> messages, IEnumerable<PodPort> pods)
    {
        podOfLink = pods.ToDictionary(pod => pod.LinkName);
        var last = new Dictionary<object, NetlinkMessage>();
        foreach (var message in messages) last[Subject(message)] = message;
        var links = last.Values.Where(message => message.Type is LibC.RTM_NEWLINK or LibC.RTM_DELLINK).ToLookup(message => message.Type, Links.Parse);
        foreach (var link in links.SelectMany(group => group)) names[link.Index] = link.Name;
        var news = last.Values.Any(IsNews);
        foreach (var link in links[LibC.RTM_DELLINK].Where(link => IsPodLink(link.Name))) names.Remove(link.Index); // or they would grow for ever
        return news;
    }

    private static object Subject(NetlinkMessage message)
    {
        switch (message.Type)
        {
            case LibC.RTM_NEWLINK or LibC.RTM_DELLINK:
                var link = message.Body<LibC.ifinfomsg>();
                return ("link", link.ifi_family, link.ifi_index);
            case LibC.RTM_NEWNEIGH or LibC.RTM_DELNEIGH:
                var (entry, attributes) = (message.Body<LibC.ndmsg>(), message.Attributes<LibC.ndmsg>());
                return ("entry", entry.ndm_family, entry.ndm_ifindex, // by its key alone: one that goes does not tell the rest
                    entry.ndm_family == LibC.AF_BRIDGE ? Convert.ToHexString(attributes.Bytes(LibC.NDA_LLADDR) ?? []) : $"{attributes.Address(LibC.NDA_DST)}");
            default: return message;
        }
    }

    private bool IsNews(NetlinkMessage message) => message.Type switch
    {
        LibC.RTM_NEWLINK or LibC.RTM_DELLINK => message.Body<LibC.ifinfomsg>().ifi_family == LibC.AF_BRIDGE ? IsNewsOfPort(message) : IsNewsOfLink(message),
        LibC.RTM_NEWNEIGH or LibC.RTM_DELNEIGH => message.Body<LibC.ndmsg>().ndm_family == LibC.AF_BRIDGE ? IsNewsOfForwarding(message) : IsNewsOfNeighbor(message),
        LibC.RTM_NEWADDR => !observed.Addresses.Contains(Addresses.Parse(message)),
        LibC.RTM_DELADDR => observed.Addresses.Contains(Addresses.Parse(message)),
        LibC.RTM_NEWROUTE or LibC.RTM_DELROUTE => IsNewsOfRoute(message),
        LibC.RTM_NEWNETCONF => names.TryGetValue(message.Attributes<LibC.netconfmsg>().Int(LibC.NETCONFA_IFINDEX) ?? 0, out var name) ? !IsPodLink(name)
            : message.Attributes<LibC.netconfmsg>().Int(LibC.NETCONFA_IFINDEX) < 0, // all and default; a new link tells of itself
        _ => false,
    };

    private bool IsNewsOfLink(NetlinkMessage message)
    {
        var link = Links.Parse(message);
        var deleted = message.Type == LibC.RTM_DELLINK;
        if (podOfLink.TryGetValue(link.Name, out var pod))
            return deleted || observed.Bridge is not { } bridge || NetworkDiff.OfPort(pod, link, bridge, desired.Bridge.Mtu) is not null;
        if (IsPodLink(link.Name)) return false; // one that just goes; orphans are looked for from time to time
        var known = observed.Links.GetValueOrDefault(link.Name);
        return deleted ? known?.Index == link.Index : known is null || Attributes(known) != Attributes(link);

        static Link Attributes(Link link) => link with { Flags = link.Flags & LibC.IFF_UP, NamespaceId = null };
    }

    /// <summary>What the bridge says of a port of its own: hairpin is in here.</summary>
    private bool IsNewsOfPort(NetlinkMessage message)
    {
        var attributes = message.Attributes<LibC.ifinfomsg>();
        if (!podOfLink.ContainsKey(attributes.Text(LibC.IFLA_IFNAME) ?? "")) return false;
        return message.Type == LibC.RTM_DELLINK || attributes.Int(LibC.IFLA_MASTER) != observed.Bridge?.Index
            || attributes.Nested(LibC.IFLA_PROTINFO)?.Byte(LibC.IFLA_BRPORT_MODE) is 0;
    }

    /// <summary>Ours are static; learnt ones come and go.</summary>
    private bool IsNewsOfForwarding(NetlinkMessage message)
    {
        var entry = Neighbors.ParseForwarding(message);
        if (entry.Port == observed.Overlay?.Device.Index) return true; // it learns none
        if (!entry.Static) return false;
        if (!names.TryGetValue(entry.Port, out var name)) return entry.Port < PodLink.LowestIndex; // a pod's link may be gone before its entry
        if (!IsPodLink(name)) return true;
        var isOurs = podOfLink.TryGetValue(name, out var pod) && pod.Mac.Equals(entry.LinkAddress);
        return message.Type == LibC.RTM_DELNEIGH ? isOurs : !isOurs && pod is not null;
    }

    private bool IsNewsOfNeighbor(NetlinkMessage message)
    {
        var entry = Neighbors.Parse(message);
        var permanent = (entry.State & LibC.NUD_PERMANENT) != 0;
        // One that is deleted is not permanent any more when the kernel tells of it.
        if (entry.Link == observed.Overlay?.Device.Index) return permanent || desired.Overlay?.Peers.Any(peer => peer.Base.Equals(entry.Address)) == true;
        if (entry.Link != observed.Bridge?.Index) return permanent;
        var pod = podOfLink.Values.FirstOrDefault(pod => pod.Address.Equals(entry.Address));
        if (message.Type == LibC.RTM_DELNEIGH) return pod is not null;
        return pod is null ? permanent : !permanent || !pod.Mac.Equals(entry.LinkAddress);
    }

    /// <summary>Others' routes are ways to other nodes, perhaps.</summary>
    private bool IsNewsOfRoute(NetlinkMessage message)
    {
        if (message.Body<LibC.rtmsg>() is not { rtm_table: LibC.RT_TABLE_MAIN } head) return false;
        if (head.rtm_protocol != Marks.RouteProtocol) return true;
        var route = Routes.Parse(message);
        var text = new NodeRoute(route.Destination, names.GetValueOrDefault(route.Link, ""), route.Gateway, route.Source, "") { OnLink = route.OnLink };
        return desired.Routes.Any(text.SameAs) == (message.Type == LibC.RTM_DELROUTE);
    }

    private static bool IsPodLink(string name) => name.StartsWith(Marks.PodLinkPrefix, StringComparison.Ordinal);
}
