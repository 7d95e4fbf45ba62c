using System.CommandLine;
using Linux;

namespace NodeAgent;

/// <summary>Exit codes of every command: 0 done, 1 failed, 2 wrong use or not root; but for <see cref="PlanCommand"/>, which has a meaning of its own for 2.</summary>
internal static class CommandLine
{
    public const int Failed = 1, WrongUse = 2;

    public static async Task<int> Run(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) Console.Error.WriteLine($"nodeagent: {error.Message}");
            Console.Error.WriteLine("'nodeagent --help' and 'nodeagent COMMAND --help' tell what there is.");
            return parsed.CommandResult.Command.Name == PlanCommand.Name ? Failed : WrongUse;
        }
        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    /// <summary>Expected failures become one line on stderr; a fault of the program itself shows where it happened.</summary>
    public static Task<int> AsRoot(Func<Task> work) => AsRoot(async () =>
    {
        try { await work(); }
        catch (OperationCanceledException) { }
        return 0;
    }, WrongUse);

    /// <param name="work">Returns the exit code.</param>
    /// <param name="notRoot">The exit code for whoever is not root.</param>
    public static async Task<int> AsRoot(Func<Task<int>> work, int notRoot)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Console.Error.WriteLine("nodeagent: this needs root (it sets up namespaces, links and containers): sudo nodeagent …");
            return notRoot;
        }
        try { return await work(); }
        catch (OperationCanceledException) { return Failed; }
        catch (Exception e) when (e is IOException or FormatException or InvalidDataException or InvalidOperationException or CommandException
            or System.ComponentModel.Win32Exception or UnauthorizedAccessException or OciRuntimeException or TimeoutException or AggregateException)
        {
            Console.Error.WriteLine($"nodeagent: {(e is AggregateException all ? string.Join("; ", all.InnerExceptions.Select(one => one.Message)) : e.Message)}");
            return Failed;
        }
    }

    public static Option<string> RunDirectory { get; } = Directory("--run-dir", "Namespaces, pod records and sockets", "/run/nodeagent");
    public static Option<string> RootDirectory { get; } = Directory("--root-dir", "Images, volumes and container layers", "/var/lib/nodeagent");
    public static Option<string> LogDirectory { get; } = Directory("--log-dir", "Containers' logs", "/var/log/pods");

    public static NodePaths Paths(ParseResult parsed) =>
        new(Full(parsed, RunDirectory, new NodePaths().Run), Full(parsed, RootDirectory, new NodePaths().Lib), Full(parsed, LogDirectory, new NodePaths().Logs));

    /// <summary>Not every command has every option.</summary>
    private static string Full(ParseResult parsed, Option<string> option, string otherwise) => Path.GetFullPath(parsed.GetValue(option) ?? otherwise);

    private static Option<string> Directory(string name, string description, string value) =>
        new(name) { Description = $"{description}; by default as {ServiceOptions.File} says", DefaultValueFactory = _ => ServiceOptions.Configured(name) ?? value, HelpName = "DIR" };
}
