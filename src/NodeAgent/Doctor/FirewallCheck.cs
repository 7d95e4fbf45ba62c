using Linux;

namespace NodeAgent.Doctor;

/// <summary>What other programs have in the firewall.</summary>
/// <param name="Nft">What iptables-nft-save printed; null: no such program.</param>
/// <param name="Legacy">What iptables-legacy-save printed; null: no such program.</param>
/// <param name="Active">Services that make rules and run: firewalld, ufw, docker, nftables.</param>
internal sealed record FirewallFacts(string? Nft, string? Legacy, IReadOnlyList<string> Active);

/// <summary>Whether others' firewall rules and the agent's go together.</summary>
internal static class FirewallCheck
{
    /// <param name="ports">What other nodes and the control plane must reach: "10250/tcp".</param>
    public static IEnumerable<Finding> Judge(FirewallFacts facts, IReadOnlyList<string> ports)
    {
        var (nft, legacy) = (Rules(facts.Nft), Rules(facts.Legacy));
        if (nft > 0 && legacy > 0)
            yield return Finding.Fault($"rules in both back ends of iptables ({nft} in nft, {legacy} in legacy): each works without knowing of the other",
                "find out whose the fewer are (iptables-legacy-save, iptables-nft-save), then: update-alternatives --set iptables /usr/sbin/iptables-nft, and reboot");
        else yield return Finding.Ok($"iptables: {(legacy > 0 ? "legacy" : "nft")} back end, {Math.Max(nft, legacy)} rules");
        if (Drops(facts.Nft) || Drops(facts.Legacy))
            yield return Finding.Note("INPUT drops what no rule accepts; let the other machines in, if no rule does so yet",
                string.Join(" && ", ports.Select(port => $"iptables -I INPUT -p {port.Split('/')[1]} --dport {port.Split('/')[0]} -j ACCEPT")));
        foreach (var service in facts.Active)
            yield return service switch
            {
                "firewalld" => Finding.Fault("firewalld is running: it drops what pods and other nodes send, and flushes rules when it is reloaded",
                    string.Join(" && ", ports.Select(port => $"firewall-cmd --permanent --add-port={port}")) + " && firewall-cmd --permanent --zone=trusted --add-interface=na0 && firewall-cmd --reload"),
                "ufw" => Finding.Fault("ufw is active: it drops what other nodes send", string.Join(" && ", ports.Select(port => $"ufw allow {port}")) + " && ufw route allow in on na0"),
                _ => Finding.Note($"{service} makes firewall rules too; the agent puts its own back when they are flushed"),
            };
    }

    public static async Task<IEnumerable<Finding>> Examine(IReadOnlyList<string> ports, CancellationToken cancel) =>
        Judge(new FirewallFacts(await Saved("iptables-nft-save", cancel), await Saved("iptables-legacy-save", cancel), await Active(cancel)), ports);

    /// <summary>Ours do not count: the agent goes where the others' are.</summary>
    private static int Rules(string? saved) => saved?.Split('\n').Count(line => line.StartsWith("-A ", StringComparison.Ordinal) && !line.Contains("NA-", StringComparison.Ordinal)) ?? 0;

    private static bool Drops(string? saved) => saved?.Contains("\n:INPUT DROP", StringComparison.Ordinal) == true;

    private static async Task<string?> Saved(string program, CancellationToken cancel)
    {
        try { return await CommandRunner.TryRun(program, [], cancel: cancel) is { ExitCode: 0 } saved ? saved.Output : null; }
        catch (System.ComponentModel.Win32Exception) { return null; }
    }

    private static async Task<IReadOnlyList<string>> Active(CancellationToken cancel)
    {
        var active = new List<string>();
        if (Directory.Exists("/run/systemd/system"))
            foreach (var service in new[] { "firewalld", "docker", "nftables" })
                if ((await CommandRunner.TryRun("systemctl", ["--quiet", "is-active", service], cancel: cancel)).ExitCode == 0) active.Add(service);
        if (File.Exists("/etc/ufw/ufw.conf") && File.ReadLines("/etc/ufw/ufw.conf").Contains("ENABLED=yes")) active.Add("ufw");
        return active;
    }
}
