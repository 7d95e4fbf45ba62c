using System.Globalization;
using System.Net;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;

namespace UnitTests.ServiceProxy;

/// <summary>
/// Walks rendered rules as the kernel would walk them with the first packet of a connection, and says where it ends. It knows the matches and
/// targets that the renderer uses, and fails on any other. Where a rule has a probability, <c>draw</c> decides: called once per such rule.
/// </summary>
/// <param name="local">The addresses of the node beside the loopback's; null = 192.168.56.11 and its bridge's.</param>
internal sealed class PacketTracer(IptablesRules rules, Func<double, bool>? draw = null, IReadOnlyList<string>? local = null)
{
    private sealed record Packet(string Source, string Destination, string Protocol, int Port)
    {
        public int Mark { get; set; }
        public string Destination { get; set; } = Destination;
        public int Port { get; set; } = Port;
        public bool Translated { get; set; }
    }

    /// <summary>A packet that enters through an interface and is sent on: prerouting, forward, postrouting.</summary>
    public string Forwarded(string source, string destination, int port, string protocol = "tcp") => Trace(new(source, destination, protocol, port), "PREROUTING", "FORWARD");

    /// <summary>A packet of this node's own: output, postrouting.</summary>
    public string FromNode(string source, string destination, int port, string protocol = "tcp") => Trace(new(source, destination, protocol, port), "OUTPUT", "OUTPUT");

    /// <returns>"10.244.1.2:80", with " masqueraded" behind; or "tcp-reset" and its like.</returns>
    private string Trace(Packet packet, string natHook, string filterHook)
    {
        Hook(rules.Nat, natHook, packet);
        if (natHook == "PREROUTING" && IsLocal(packet.Destination)) filterHook = "INPUT";
        if (Hook(rules.Filter, filterHook, packet) is { } refused && refused != "ACCEPT") return refused;
        if (natHook == "OUTPUT" && IsLocal(packet.Destination) && Hook(rules.Filter, "INPUT", packet) is { } closed && closed != "ACCEPT") return closed;
        var end = Hook(rules.Nat, "POSTROUTING", packet) == "MASQUERADE" ? " masqueraded" : "";
        // What comes back to its own pod stays on the node.
        Assert.True((packet.Mark & 0x4000) == 0 || packet.Source == packet.Destination, "the mark left the node");
        return $"{packet.Destination}:{packet.Port}{end}";
    }

    private string? Hook(IptablesTable table, string hook, Packet packet) =>
        table.Jumps.Where(jump => jump.Chain == hook).Select(jump => Walk(table, jump.Rule.Text, packet)).FirstOrDefault(verdict => verdict is not null);

    private string? Chain(IptablesTable table, string chain, Packet packet)
    {
        foreach (var rule in table.Chains[chain])
        {
            var verdict = Walk(table, rule.Text, packet);
            if (verdict == "RETURN") return null;
            if (verdict is not null) return verdict;
        }
        return null;
    }

    /// <summary>Null = the next rule.</summary>
    private string? Walk(IptablesTable table, string rule, Packet packet)
    {
        var words = new Queue<string>(Words(rule));
        while (words.TryDequeue(out var word))
        {
            var negated = word == "!";
            if (negated) word = words.Dequeue();
            if (word == "-j") return Target(table, words, packet);
            if (word == "-m" ) { if (words.Peek() is "tcp" or "udp" or "sctp") Assert.Equal(packet.Protocol, words.Peek()); words.Dequeue(); continue; }
            // The lists of clients are empty: nobody has been here.
            if (word is "--rcheck") return null;
            if (word is "--set" or "--rsource" or "--reap") continue;
            if (Matches(word, words.Dequeue(), words, packet) == negated) return null;
        }
        throw new InvalidOperationException($"no target in {rule}");
    }

    private bool Matches(string option, string value, Queue<string> words, Packet packet) => option switch
    {
        "-s" => IsIn(packet.Source, value),
        "-d" => IsIn(packet.Destination, value),
        "-p" => value == packet.Protocol,
        "-i" => value == "lo" && IsLocal(packet.Source),
        "--dport" => value.Split(':').Select(int.Parse).ToArray() is var range && range[0] <= packet.Port && packet.Port <= range[^1],
        "--src-type" => value == "LOCAL" && IsLocal(packet.Source),
        "--dst-type" => value == "LOCAL" && IsLocal(packet.Destination),
        "--seconds" or "--name" or "--mask" => true,
        "--comment" => true,
        "--ctstate" => value.Split(',') is var states && (states.Contains("NEW") || (states.Contains("DNAT") && packet.Translated)),
        "--mark" => (packet.Mark & Convert.ToInt32(value.Split('/')[1], 16)) == Convert.ToInt32(value.Split('/')[0], 16),
        "--mode" => words.Dequeue() == "--probability" && (draw ?? throw new InvalidOperationException("a draw"))(double.Parse(words.Dequeue(), CultureInfo.InvariantCulture)),
        "--bytecode" => ClassicBpf.Run(value, Header(packet)) != 0,
        _ => throw new InvalidOperationException($"unknown match {option} {value}"),
    };

    private string? Target(IptablesTable table, Queue<string> words, Packet packet)
    {
        switch (words.Dequeue())
        {
            case "MARK":
                Assert.Equal("--set-xmark", words.Dequeue());
                var parts = words.Dequeue().Split('/').Select(part => Convert.ToInt32(part, 16)).ToArray();
                // value/mask: clear the mask's bits, then xor with the value
                packet.Mark = (packet.Mark & ~parts[1]) ^ parts[0];
                return null;
            case "DNAT":
                Assert.Equal("--to-destination", words.Dequeue());
                var target = IPEndPoint.Parse(words.Dequeue());
                (packet.Destination, packet.Port, packet.Translated) = (target.Address.ToString(), target.Port, true);
                return "DNAT";
            case "REJECT":
                return words.Last();
            case var verdict and ("RETURN" or "ACCEPT" or "MASQUERADE" or "DROP"):
                return verdict;
            case var chain when chain.StartsWith(IptablesTable.Prefix):
                return Chain(table, chain, packet);
            case var other:
                throw new InvalidOperationException($"unknown target {other}");
        }
    }

    /// <summary>The loopback, the node's own and the bridge's address.</summary>
    private bool IsLocal(string address) => address.StartsWith("127.") || (local ?? ["192.168.56.11", "10.244.1.1"]).Contains(address);

    private static bool IsIn(string address, string network)
    {
        var (ip, mask) = (Number(address), network.Split('/')[1]);
        var bits = mask.Contains('.') ? Number(mask) : mask == "0" ? 0 : uint.MaxValue << (32 - int.Parse(mask));
        return (ip & bits) == (Number(network.Split('/')[0]) & bits);
    }

    private static uint Number(string address) => Ipv4.Number(IPAddress.Parse(address));

    private static byte[] Header(Packet packet) =>
        [.. new byte[12], .. IPAddress.Parse(packet.Source).GetAddressBytes(), .. IPAddress.Parse(packet.Destination).GetAddressBytes()];

    private static IEnumerable<string> Words(string rule) =>
        rule.Split('"').SelectMany((part, i) => i % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
