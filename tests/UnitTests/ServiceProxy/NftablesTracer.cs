using System.Net;
using System.Text.RegularExpressions;
using Linux;
using NodeAgent.ServiceProxy.Model;
using NodeAgent.ServiceProxy.NftablesMode;

namespace UnitTests.ServiceProxy;

/// <summary>
/// Walks the chains of the nftables mode, by the text of their rules, as the kernel would walk them with the first packet of a connection,
/// and says where it ends. It knows the statements that the mode uses, and fails on any other.
/// </summary>
/// <param name="local">The addresses of the node, beside the loopback's.</param>
/// <param name="draw">The random number below another.</param>
internal sealed partial class NftablesTracer(ServiceTable table, IReadOnlyList<string> local, Func<uint, uint> draw)
{
    private const string Next = "next", Return = "return", Translated = "dnat";

    private sealed record Packet(string Source, string Destination, string Protocol, int Port)
    {
        public string Destination { get; set; } = Destination;
        public int Port { get; set; } = Port;
        public string OriginalDestination { get; } = Destination;
        public int OriginalPort { get; } = Port;
        public bool IsTranslated => (Destination, Port) != (OriginalDestination, OriginalPort);
    }

    private readonly Dictionary<string, NftablesChain> chains = Content(table).Chains.ToDictionary(chain => chain.Name);
    private readonly Dictionary<(string Set, string Key), string> elements = Content(table).Elements.Select(element => ElementPattern().Match(ElementText.Of(element.Set, element.Element)))
        .ToDictionary(match => (match.Groups["set"].Value, match.Groups["key"].Value), match => match.Groups["target"].Value);

    private static (IEnumerable<NftablesChain> Chains, IEnumerable<SetElement> Elements) Content(ServiceTable table) => new NftablesTable(table, null, new NodeAgent.ServiceProxy.NftablesMode.NftablesUpdate()).Content();

    [GeneratedRegex("""^element ip na (?<set>\S+) \{ (?<key>.+?)( comment "[^"]*")?( : (?<target>.+))? \}$""")]
    private static partial Regex ElementPattern();

    /// <summary>A packet that enters through an interface.</summary>
    /// <returns>As <see cref="PacketTracer.Forwarded"/>.</returns>
    public string Forwarded(string source, string destination, int port, string protocol)
    {
        var packet = new Packet(source, destination, protocol, port);
        if (Hooks(LibC.NF_INET_PRE_ROUTING, packet, nat: true) is { } refused) return refused;
        if (IsLocal(packet.Destination)) return Hooks(LibC.NF_INET_LOCAL_IN, packet, nat: true) ?? End(packet);
        return Hooks(LibC.NF_INET_FORWARD, packet, nat: true) ?? End(packet);
    }

    /// <summary>A packet of the node's own.</summary>
    public string FromNode(string source, string destination, int port, string protocol)
    {
        var packet = new Packet(source, destination, protocol, port);
        if (Hooks(LibC.NF_INET_LOCAL_OUT, packet, nat: true) is { } refused) return refused;
        if (!IsLocal(packet.Destination)) return End(packet);
        // Over the loopback; what nat has to say was said at output.
        return Hooks(LibC.NF_INET_PRE_ROUTING, packet, nat: false) ?? Hooks(LibC.NF_INET_LOCAL_IN, packet, nat: true) ?? End(packet);
    }

    private string End(Packet packet) => $"{packet.Destination}:{packet.Port}{(Hooks(LibC.NF_INET_POST_ROUTING, packet, nat: true) == "masquerade" ? " masqueraded" : "")}";

    private string? Hooks(uint hook, Packet packet, bool nat) =>
        chains.Values.Where(chain => chain.Hook?.Number == hook && (nat || chain.Hook.Type != "nat")).OrderBy(chain => chain.Hook!.Priority)
            .Select(chain => Walk(chain.Name, packet)).FirstOrDefault(verdict => verdict is not null and not Translated);

    /// <summary>Null = back to where it was called.</summary>
    private string? Walk(string chain, Packet packet)
    {
        foreach (var rule in chains[chain].Rules)
        {
            var verdict = Evaluate(new(rule.ToString().Split(' ')), packet);
            if (verdict == Return) return null;
            if (verdict != Next) return verdict;
        }
        return null;
    }

    /// <returns>A verdict, <see cref="Next"/> or <see cref="Return"/>.</returns>
    private string Evaluate(Queue<string> words, Packet packet)
    {
        while (words.TryDequeue(out var word))
        {
            switch (word)
            {
                case "drop": return "DROP";
                case "return": return Return;
                case "masquerade": return word;
                case "reject": return words.Count == 0 ? "icmp-port-unreachable" : packet.Protocol == "tcp" ? "tcp-reset" : Next;
                case "jump" or "goto": return Walk(words.Dequeue(), packet) ?? (word == "jump" ? Next : Return);
                case "dnat": return Translate(words, packet) ? Translated : Next;
            }
            if (Match(word, words, packet) is { } verdict) return verdict;
        }
        return Next;
    }

    /// <summary>Null = the rule goes on.</summary>
    private string? Match(string word, Queue<string> words, Packet packet)
    {
        // Whatever stands between is fields of a key, joined by dots.
        var field = new List<string> { word };
        while (words.Peek() is { } following && !IsOperand(field, following)) field.Add(words.Dequeue());
        var (operand, name) = (words.Dequeue(), string.Join(' ', field));
        var negated = operand == "!=";
        if (negated) operand = words.Dequeue();
        if (operand == "vmap") return elements.TryGetValue((words.Dequeue()[1..], Value(name, packet)), out var target) ? Walk(target.Split(' ')[1], packet) ?? Return : Next;
        var matches = name switch
        {
            "ct state" => operand == "new",
            "ct status" => operand == "dnat" && packet.IsTranslated,
            "fib saddr type" => IsLocal(packet.Source),
            "fib daddr type" => IsLocal(packet.Destination),
            _ when operand[0] == '@' => elements.ContainsKey((operand[1..], Value(name, packet))),
            "meta l4proto" => packet.Protocol == operand,
            "ip saddr" or "ip daddr" => (operand.Contains('/') ? IPNetwork.Parse(operand) : new(IPAddress.Parse(operand), 32)).Contains(IPAddress.Parse(Value(name, packet))),
            _ => throw new InvalidOperationException($"unknown match {name} {operand}"),
        };
        return matches != negated ? null : Next;
    }

    private static bool IsOperand(List<string> field, string word) => word is "vmap" or "!=" or "new" or "invalid" or "local" || (word == "dnat" && field is ["ct", "status"])
        || word[0] == '@' || (char.IsAsciiDigit(word[0]) && field is ["ip", _]) || (field is ["meta", "l4proto"] && word is "tcp" or "udp" or "sctp");

    private static string Value(string fields, Packet packet) => string.Join(" . ", fields.Split(" . ").Select(field => field switch
    {
        "ip saddr" => packet.Source, "ip daddr" => packet.Destination, "meta l4proto" => packet.Protocol, "th dport" => $"{packet.Port}",
        "ct original ip daddr" => packet.OriginalDestination, "ct original proto-dst" => $"{packet.OriginalPort}",
        _ => throw new InvalidOperationException($"unknown field {field}"),
    }));

    /// <summary>"to ADDRESS:PORT", or "ip to FIELDS . numgen random mod N [offset M] map @MAP".</summary>
    private bool Translate(Queue<string> words, Packet packet)
    {
        var text = string.Join(' ', words);
        words.Clear();
        if (FromMap().Match(text) is { Success: true } map)
        {
            var index = draw(uint.Parse(map.Groups["among"].Value)) + (map.Groups["offset"] is { Success: true } offset ? uint.Parse(offset.Value) : 0);
            if (!elements.TryGetValue((map.Groups["map"].Value, $"{Value(map.Groups["fields"].Value, packet)} . {index}"), out var found)) return false;
            text = $"to {found.Replace(" . ", ":")}";
        }
        var target = IPEndPoint.Parse(text.Split(' ')[1]);
        (packet.Destination, packet.Port) = ($"{target.Address}", target.Port);
        return true;
    }

    [GeneratedRegex(@"^ip to (?<fields>.+) \. numgen random mod (?<among>\d+)( offset (?<offset>\d+))? map @(?<map>\S+)$")]
    private static partial Regex FromMap();

    private bool IsLocal(string address) => address.StartsWith("127.", StringComparison.Ordinal) || local.Contains(address);
}
