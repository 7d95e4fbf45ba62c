using Linux;

namespace EndToEndTests.Fixture;

/// <summary>
/// A user at a shell with one kubectl: an own HOME (kubectl keeps what it discovered there), a kubeconfig whose current
/// namespace is the test's, and the guide's manifests as the current directory. Lines are run as the guide prints them.
/// </summary>
internal sealed class Kubectl : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("nodeagent-e2e-").FullName;
    private readonly Dictionary<string, string> _environment;

    /// <param name="binary">The program that "kubectl" on a line means.</param>
    public Kubectl(string binary, string kubeconfig)
    {
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
    public Task<CommandResult> TryRun(string line, string? input = null) =>
        CommandRunner.TryRun("bash", ["-o", "pipefail", "-c", $"cd {Repository.Guide} && {line}"], input, _environment);

    public void Dispose() => Directory.Delete(_home, recursive: true);
}
