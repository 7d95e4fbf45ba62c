using Linux;
using NodeAgent.ServiceProxy.IptablesMode;

namespace UnitTests.ServiceProxy;

/// <summary>
/// Takes the place of the programs: it parses what iptables-restore gets, keeps chains and rules as the kernel would, prints them for
/// iptables-save, and refuses what the kernel refuses (a rule to a chain that is missing, the removal of one that is in use).
/// </summary>
internal sealed class RecordingIptables
{
    private readonly Dictionary<string, Dictionary<string, List<string>>> tables = new()
    {
        ["nat"] = new() { ["PREROUTING"] = [], ["OUTPUT"] = [], ["POSTROUTING"] = [] },
        ["filter"] = new() { ["INPUT"] = [], ["FORWARD"] = [], ["OUTPUT"] = [] },
    };

    private readonly List<string> calls = [];
    private string localnet = "0";

    /// <summary>Whether route_localnet is set.</summary>
    public bool Localnet => localnet == "1";

    /// <summary>What iptables-restore was fed, oldest first.</summary>
    public IReadOnlyList<string> Restores { get { lock (calls) return [.. calls]; } }

    /// <summary>While true every restore fails, as when another program holds the lock.</summary>
    public volatile bool Fails;

    public string All { get { lock (calls) return string.Concat(tables.Keys.Select(Save)); } }

    public Task<CommandResult> Run(string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancel)
    {
        lock (calls)
        {
            if (program == "conntrack") return Task.FromResult(new CommandResult(0, "", ""));
            if (program == "cat") return Task.FromResult(new CommandResult(0, localnet, ""));
            if (program == "tee")
            {
                Assert.Equal(["/proc/sys/net/ipv4/conf/all/route_localnet"], arguments);
                // Never without the guard.
                if (input == "1") Assert.Contains("! -i lo -m conntrack", Save("filter"));
                localnet = input!;
                return Task.FromResult(new CommandResult(0, "", ""));
            }
            if (program.EndsWith("-save")) return Task.FromResult(new CommandResult(0, Save(arguments[1]), ""));
            Assert.Equal(["-w", "5", "--noflush"], arguments);
            calls.Add(input!);
            if (Fails) return Task.FromResult(new CommandResult(4, "", "Another app is currently holding the xtables lock"));
            try { Restore(input!); }
            catch (InvalidOperationException refused) { return Task.FromResult(new CommandResult(1, "", refused.Message)); }
            return Task.FromResult(new CommandResult(0, "", ""));
        }
    }

    /// <summary>Somebody else deletes the only rule that contains <paramref name="part"/>.</summary>
    public void DeleteRule(string part)
    {
        lock (calls) Assert.Equal(1, tables.Values.SelectMany(chains => chains.Values).Sum(rules => rules.RemoveAll(rule => rule.Contains(part))));
    }

    private string Save(string table) => $"*{table}\n"
        + string.Concat(tables[table].Keys.Select(chain => $":{chain} {(chain.StartsWith("NA-") ? "-" : "ACCEPT")} [0:0]\n"))
        + string.Concat(tables[table].SelectMany(chain => chain.Value.Select(rule => $"-A {chain.Key} {rule}\n"))) + "COMMIT\n";

    private void Restore(string text)
    {
        var chains = tables["nat"];
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ', 3);
            if (line[0] == '*') chains = tables[line[1..]];
            else if (line[0] == ':') chains[words[0][1..]] = [];
            else if (words[0] == "-A") Chain(chains, words[1]).Add(Checked(chains, words[2]));
            else if (words[0] == "-I") Chain(chains, words[1]).Insert(0, Checked(chains, words[2]));
            else if (words[0] == "-D") Refuse(!Chain(chains, words[1]).Remove(words[2]), line);
            else if (words[0] == "-X") Remove(chains, words[1]);
            else Refuse(line != "COMMIT", line);
        }
    }

    private static void Remove(Dictionary<string, List<string>> chains, string chain)
    {
        Refuse(Chain(chains, chain).Count > 0 || chains.Values.Any(rules => rules.Any(rule => rule.EndsWith($"-j {chain}"))), $"{chain} is in use");
        chains.Remove(chain);
    }

    private static List<string> Chain(Dictionary<string, List<string>> chains, string name) =>
        chains.TryGetValue(name, out var rules) ? rules : throw new InvalidOperationException($"no chain {name}");

    private static string Checked(Dictionary<string, List<string>> chains, string rule)
    {
        var target = rule[(rule.LastIndexOf("-j ") + 3)..];
        Refuse(target.StartsWith("NA-") && !chains.ContainsKey(target), $"no chain {target}");
        return rule;
    }

    private static void Refuse(bool wrong, string what)
    {
        if (wrong) throw new InvalidOperationException(what);
    }
}
