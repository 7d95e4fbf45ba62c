using Linux;

namespace NodeAgent.Doctor;

/// <summary>What the kernel must be able to do, tried in namespaces of which nothing stays.</summary>
internal static class KernelCheck
{
    /// <param name="Arguments">Of <c>unshare</c>: which namespaces, and the program in them.</param>
    private sealed record Trial(string Name, string Mend, string[] Arguments, string Input = "");

    private static readonly string[] Matches =
        ["comment --comment c", "conntrack --ctstate NEW", "statistic --mode random --probability 0.5", "mark --mark 1", "addrtype --dst-type LOCAL", "recent --name n --rcheck", "bpf --bytecode \"1,6 0 0 1\""];

    public static async Task<IReadOnlyList<Finding>> Examine(NodePaths paths, CancellationToken cancel)
    {
        var findings = new List<Finding>();
        foreach (var trial in Trials()) findings.Add(await Try(trial, cancel));
        findings.Add(await Overlay(MachineCheck.Existing(paths.Lib), cancel));
        return Judge(findings);
    }

    /// <summary>What works in one line; each fault in its own.</summary>
    public static IReadOnlyList<Finding> Judge(IReadOnlyList<Finding> findings)
    {
        var works = findings.Where(finding => finding.Verdict == Verdict.Ok).Select(finding => finding.Text).ToList();
        return [.. works.Count > 0 ? [Finding.Ok(string.Join(", ", works))] : Array.Empty<Finding>(), .. findings.Where(finding => finding.Verdict != Verdict.Ok)];
    }

    private static IEnumerable<Trial> Trials()
    {
        yield return new("namespaces", "run it as real root, not in a container without the capability SYS_ADMIN", ["--net", "--mount", "--uts", "--ipc", "--pid", "--cgroup", "--fork", "true"]);
        yield return Links("veth pairs", "veth", "link add v0 type veth peer name v1");
        yield return Links("bridges with hairpin ports", "bridge", "link add na0 type bridge\nlink add v0 type veth peer name v1\nlink set dev v0 master na0\nlink set dev v0 type bridge_slave hairpin on");
        yield return Links("VXLAN", "vxlan", "link add na-vxlan type vxlan id 7310 dstport 8472 local 127.0.0.1 nolearning");
        yield return Rules("NAT", "nf_nat xt_MASQUERADE", "-A POSTROUTING -j MASQUERADE");
        foreach (var match in Matches)
            yield return Rules($"iptables match {match.Split(' ')[0]}", $"xt_{match.Split(' ')[0]}", $"-A PREROUTING -m {match} -j RETURN");
    }

    private static Trial Links(string name, string module, string commands) => new(name, Module(module), ["--net", "ip", "-batch", "-"], commands + "\n");

    private static Trial Rules(string name, string modules, string rule) => new(name, Module(modules), ["--net", "iptables-restore"], $"*nat\n{rule}\nCOMMIT\n");

    private static string Module(string name) => $"modprobe -a {name}   (or boot a kernel that has it; cloud and minimal kernels lack some)";

    private static async Task<Finding> Try(Trial trial, CancellationToken cancel)
    {
        var result = await CommandRunner.TryRun("unshare", trial.Arguments, trial.Input, cancel: cancel);
        return result.ExitCode == 0 ? Finding.Ok(trial.Name) : Finding.Fault($"no {trial.Name}: {FirstLine(result)}", trial.Mend);
    }

    /// <summary>Some file systems cannot be an overlay's upper one (another overlay, NFS).</summary>
    private static async Task<Finding> Overlay(string place, CancellationToken cancel)
    {
        var on = Path.Combine(place, $"nodeagent-doctor-{Environment.ProcessId}");
        try
        {
            foreach (var part in new[] { "lower", "upper", "work", "merged" }) Directory.CreateDirectory(Path.Combine(on, part));
            var result = await CommandRunner.TryRun("unshare", ["--mount", "--propagation", "private", "mount", "-t", "overlay", "overlay",
                "-o", $"lowerdir={on}/lower,upperdir={on}/upper,workdir={on}/work", $"{on}/merged"], cancel: cancel);
            return result.ExitCode == 0 ? Finding.Ok($"overlayfs on {place}")
                : Finding.Fault($"no overlayfs on {place}: {FirstLine(result)}", "modprobe overlay; if it is there, give nodeagent run a --root-dir on ext4 or xfs");
        }
        finally
        {
            DirectoryTree.Delete(on);
        }
    }

    private static string FirstLine(CommandResult result) => result.Error.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0) ?? $"exit code {result.ExitCode}";
}
