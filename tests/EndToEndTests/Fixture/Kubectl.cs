using Linux;

namespace EndToEndTests.Fixture;

/// <summary>
/// A user at a shell with one kubectl: an own HOME (kubectl keeps what it discovered there), a kubeconfig whose current
/// namespace is the test's, and the guide's manifests as the current directory. Lines are run as the guide prints them.
/// </summary>
internal sealed class Kubectl : IDisposable
{
    /// <summary>Bounds a broken run: of kubectl's lines some wait for ever by themselves. It asserts no speed.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(5) * TestMachines.Patience;

    private readonly string _home = Directory.CreateTempSubdirectory("nodeagent-e2e-").FullName;
    private readonly Dictionary<string, string> _environment;

    private readonly string _directory;

    /// <param name="binary">The program that "kubectl" on a line means.</param>
    /// <param name="directory">The current directory of lines; by default that of today's guide.</param>
    public Kubectl(string binary, string kubeconfig, string? directory = null)
    {
        _directory = directory ?? Repository.Guide;
        var bin = Directory.CreateDirectory($"{_home}/bin").FullName;
        // Not a link: the kubectl of some distributions finds its other versions beside itself.
        File.WriteAllText($"{bin}/kubectl", $"#!/bin/sh\nexec {binary} \"$@\"\n");
        File.SetUnixFileMode($"{bin}/kubectl", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Copy(kubeconfig, $"{_home}/kubeconfig");
        _environment = new()
        {
            ["HOME"] = _home, ["KUBECONFIG"] = $"{_home}/kubeconfig",
            ["PATH"] = $"{bin}:{Environment.GetEnvironmentVariable("PATH")}",
        };
    }

    /// <summary>Runs a line, pipes and all, and returns what it printed on both outputs, as a user sees it.</summary>
    /// <exception cref="CommandException">It ended with another code than 0.</exception>
    public async Task<string> Run(string line, string? input = null)
    {
        var result = await TryRun(line, input);
        return result.ExitCode == 0 ? result.Output + result.Error : throw new CommandException($"$ {line}", result);
    }

    /// <summary>As <see cref="Run"/>, but a failure is an answer too.</summary>
    /// <exception cref="TimeoutException">The line has not ended after five minutes; it is killed.</exception>
    public async Task<CommandResult> TryRun(string line, string? input = null)
    {
        using var bound = new CancellationTokenSource(Bound);
        try { return await CommandRunner.TryRun("bash", ["-o", "pipefail", "-c", $"cd {_directory} && {line}"], input, _environment, bound.Token); }
        catch (OperationCanceledException) { throw new TimeoutException($"$ {line}: has not ended after {Bound.TotalMinutes} minutes"); }
    }

    /// <summary>Starts a line in a terminal of its own.</summary>
    public Terminal OpenTerminal(string line) => new($"cd {_directory} && {line}", _environment);

    /// <summary>The test's own directory, for files that a line writes; it goes with this object.</summary>
    public string Home => _home;

    public void Dispose() => Directory.Delete(_home, recursive: true);
}
