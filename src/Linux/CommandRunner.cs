using System.Diagnostics;

namespace Linux;

/// <summary>What a finished program said.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>What its id was.</summary>
    public int ProcessId { get; init; }
}

/// <summary>A program that ended with another code than 0; the message has the command, the code and what it wrote to stderr.</summary>
public sealed class CommandException(string command, CommandResult result)
    : Exception($"{command}: exit code {result.ExitCode}: {(result.Error.Length > 0 ? result.Error : result.Output).Trim()}")
{
    public CommandResult Result => result;
}

/// <summary>Runs other programs: argument lists, never a shell; stdin as text; output collected.</summary>
public static class CommandRunner
{
    /// <summary>Characters of stderr that are kept, the first ones.</summary>
    private const int LongestError = 64 * 1024;

    /// <summary>How long a program has to end after SIGTERM before it is killed.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <exception cref="CommandException">The program ended with another code than 0.</exception>
    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the program was asked to end, then killed.</exception>
    public static async Task<string> Run(string program, IEnumerable<string> arguments, string? input = null, CancellationToken cancel = default)
    {
        var list = arguments.ToList();
        var result = await TryRun(program, list, input, cancel: cancel);
        return result.ExitCode == 0 ? result.Output : throw new CommandException($"{program} {string.Join(' ', list)}", result);
    }

    /// <summary>As <see cref="Run"/>, but leaves the exit code to the caller.</summary>
    public static async Task<CommandResult> TryRun(string program, IEnumerable<string> arguments, string? input = null,
        IReadOnlyDictionary<string, string>? environment = null, CancellationToken cancel = default)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = ReadBeginning(process.StandardError);
        try
        {
            await Write(process, input, cancel);
            await process.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            await Stop(process);
            throw;
        }
        return new CommandResult(process.ExitCode, await output, await error) { ProcessId = process.Id };
    }

    /// <summary>All is read, lest the program waits; of a complaint about each of a million files the first ones will do.</summary>
    private static async Task<string> ReadBeginning(StreamReader from)
    {
        var kept = new System.Text.StringBuilder();
        var buffer = new char[4096];
        for (int count; (count = await from.ReadAsync(buffer, CancellationToken.None)) > 0;)
            kept.Append(buffer, 0, Math.Min(count, LongestError - kept.Length));
        return kept.ToString();
    }

    private static async Task Write(Process process, string? input, CancellationToken cancel)
    {
        try
        {
            if (input is not null) await process.StandardInput.WriteAsync(input.AsMemory(), cancel);
            process.StandardInput.Close();
        }
        catch (IOException) { } // the program did not want all of its input; its exit code tells
    }

    private static async Task Stop(Process process)
    {
        LibC.kill(process.Id, LibC.SIGTERM);
        try { await process.WaitForExitAsync(new CancellationTokenSource(Grace).Token); }
        catch (OperationCanceledException) { process.Kill(entireProcessTree: true); }
    }
}
