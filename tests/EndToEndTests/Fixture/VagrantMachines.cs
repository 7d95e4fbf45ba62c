using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Linux;

namespace EndToEndTests.Fixture;

/// <summary>
/// The virtual machines of <c>vagrant up</c>, with libvirt as provider; they stay up. Of <c>vagrant ssh</c> only the settings are used, and one
/// connection a machine is kept: a start of vagrant and a handshake take seconds. This process is on the host's side of their network,
/// for <c>scripts/vagrant-lab</c> in its namespace, and plays the machine "outside".
/// </summary>
internal sealed partial class VagrantMachines : ITestMachines
{
    private const string Outside = "outside", Control = "control", AdminKubeconfig = "/var/lib/nodeagent-controlplane/admin.conf";
    private static readonly TimeSpan BootTime = TimeSpan.FromMinutes(15);

    private readonly string _directory = Directory.CreateTempSubdirectory("nodeagent-e2e-vagrant-").FullName;

    private VagrantMachines() { }

    public IReadOnlyList<string> Nodes { get; private set; } = [];

    public string Kubeconfig => $"{_directory}/admin.conf";

    /// <summary>The first is the provider's NAT.</summary>
    public string NodeInterface => "eth1";

    private string Settings => $"{_directory}/ssh-config";

    /// <exception cref="InvalidOperationException">They are not up.</exception>
    public static async Task<VagrantMachines> Connect()
    {
        var machines = new VagrantMachines();
        try
        {
            var settings = await CommandRunner.TryRun("vagrant", ["ssh-config"], environment: new Dictionary<string, string>
            {
                ["VAGRANT_CWD"] = Environment.GetEnvironmentVariable("VAGRANT_CWD") ?? Repository.Root,
            });
            if (settings.ExitCode != 0) throw new InvalidOperationException($"Vagrant's machines are not up (vagrant up, or sudo scripts/vagrant-lab up): {settings.Error}");
            await File.WriteAllTextAsync(machines.Settings, settings.Output);
            machines.Nodes = [.. Host().Matches(settings.Output).Select(match => match.Groups[1].Value).Where(name => name.StartsWith("node", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
            var admin = await machines.TryRun(Control, "cat", AdminKubeconfig);
            if (admin.ExitCode != 0) throw new CommandException($"{Control}$ cat {AdminKubeconfig}", admin);
            await using (var file = new FileStream(machines.Kubeconfig, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
                await file.WriteAsync(Encoding.UTF8.GetBytes(admin.Output));
            return machines;
        }
        catch
        {
            await machines.DisposeAsync();
            throw;
        }
    }

    public Task<CommandResult> TryRun(string machine, string program, params IReadOnlyList<string> arguments) => machine == Outside
        ? CommandRunner.TryRun(program, arguments)
        : CommandRunner.TryRun("ssh", [.. Connection(machine), "--", "sudo", "-n", .. arguments.Prepend(program).Select(Quoted)], "");

    public async Task Kill(string machine)
    {
        await CommandRunner.Run("virsh", ["--quiet", "--connect", "qemu:///system", "destroy", await Domain(machine)]);
        await Disconnect(machine);
    }

    public async Task Boot(string machine)
    {
        var domain = await Domain(machine);
        var state = await CommandRunner.Run("virsh", ["--quiet", "--connect", "qemu:///system", "domstate", domain]);
        if (state.Trim() != "running") await CommandRunner.Run("virsh", ["--quiet", "--connect", "qemu:///system", "start", domain]);
        for (var end = DateTime.UtcNow + BootTime; (await TryRun(machine, "true")).ExitCode != 0; await Task.Delay(TimeSpan.FromSeconds(1)))
            if (DateTime.UtcNow > end) throw new TimeoutException($"{machine} does not answer by ssh {BootTime.TotalMinutes} minutes after its start");
    }

    public async Task<IReadOnlyList<int>> Processes(string machine, string program)
    {
        var list = await TryRun(machine, "ps", "-eo", "pid=,args=");
        return [.. list.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length > 1 && Path.GetFileName(words[1]) == program).Select(words => int.Parse(words[0], CultureInfo.InvariantCulture))];
    }

    public async Task<int> KillProcess(string machine, string program)
    {
        var pids = await Processes(machine, program);
        if (pids.Count > 0) await TryRun(machine, "kill", ["-9", .. pids.Select(pid => pid.ToString(CultureInfo.InvariantCulture))]);
        return pids.Count;
    }

    public async Task<string> Dump()
    {
        var text = new StringBuilder();
        foreach (var machine in Nodes.Prepend(Control))
        {
            var service = machine == Control ? "controlplane" : "nodeagent";
            var said = await TryRun(machine, "sh", "-c", $"systemctl status {service}; ip -4 addr; ip route; iptables-save -t nat | head -200; ps -eo pid,args | head -100; journalctl -u {service} -n 100 --no-pager");
            text.AppendLine($"--- {machine}").Append(said.Output).Append(said.Error);
        }
        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var machine in Nodes.Prepend(Control)) await Disconnect(machine);
        Directory.Delete(_directory, recursive: true);
    }

    private string[] Connection(string machine) =>
        ["-F", Settings, "-o", "LogLevel=ERROR", "-o", "ControlMaster=auto", "-o", "ControlPersist=600", "-o", $"ControlPath={_directory}/%n", "-o", "ServerAliveInterval=30", "-o", "ConnectTimeout=60", machine];

    /// <summary>It may be gone already.</summary>
    private async Task Disconnect(string machine)
    {
        if (File.Exists($"{_directory}/{machine}")) await CommandRunner.TryRun("ssh", ["-O", "exit", .. Connection(machine)]);
    }

    /// <summary>libvirt's name for it: Vagrant puts the directory's before.</summary>
    private static async Task<string> Domain(string machine)
    {
        var all = await CommandRunner.Run("virsh", ["--quiet", "--connect", "qemu:///system", "list", "--all", "--name"]);
        return all.Split('\n').Select(name => name.Trim()).FirstOrDefault(name => name.EndsWith("_" + machine, StringComparison.Ordinal)) ?? throw new InvalidOperationException($"libvirt has no machine {machine}; it has: {all}");
    }

    /// <summary>ssh joins its words with spaces, and the other side's shell reads them.</summary>
    private static string Quoted(string word) => $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    [GeneratedRegex(@"^Host (\S+)", RegexOptions.Multiline)]
    private static partial Regex Host();
}
