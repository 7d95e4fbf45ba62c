namespace NodeAgent.Doctor;

/// <summary>The other programs that the agent runs.</summary>
internal static class Programs
{
    /// <summary>Program or file, and the Debian package that has it.</summary>
    private static readonly (string Program, string Package)[] Needed =
    [
        ("runc", "runc"), ("conmon", "conmon"), ("skopeo", "skopeo"), ("umoci", "umoci"), ("iptables", "iptables"), ("iptables-restore", "iptables"),
        ("/usr/bin/catatonit", "catatonit"), ("/usr/share/containers/seccomp.json", "golang-github-containers-common"),
    ];

    /// <param name="exists">Of a program's name: in some directory of PATH; of a path: there.</param>
    public static IEnumerable<Finding> Judge(Func<string, bool> exists)
    {
        var missing = Needed.Where(entry => !exists(entry.Program)).ToList();
        if (missing.Count == 0) yield return Finding.Ok(string.Join(", ", Needed.Select(entry => entry.Program)));
        foreach (var package in missing.GroupBy(entry => entry.Package))
            yield return Finding.Fault($"there is no {string.Join(", ", package.Select(entry => entry.Program))}", $"apt-get install {package.Key}");
    }

    public static bool Exists(string program) => program.StartsWith('/') ? File.Exists(program)
        : (Environment.GetEnvironmentVariable("PATH") ?? "/usr/sbin:/usr/bin:/sbin:/bin").Split(':').Any(directory => File.Exists(Path.Combine(directory, program)));
}
