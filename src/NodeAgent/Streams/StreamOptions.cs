using NodeAgent.Server;

namespace NodeAgent.Streams;

/// <summary>Which streams a client of exec or attach wants, in the kubelet's parameters: input, output, error, tty.</summary>
internal sealed record StreamOptions(bool Stdin, bool Stdout, bool Stderr, bool Terminal)
{
    /// <summary>A terminal has no stderr of its own.</summary>
    /// <exception cref="NodeRequestException">400: none.</exception>
    public static StreamOptions Of(NodeRequest request)
    {
        var terminal = request.Flag("tty");
        var options = new StreamOptions(request.Flag("input"), request.Flag("output"), request.Flag("error") && !terminal, terminal);
        return options is { Stdin: false, Stdout: false, Stderr: false } ? throw new NodeRequestException(400, "you must specify at least 1 of stdin, stdout, stderr") : options;
    }

    /// <summary>How many SPDY streams the client opens: these, one for errors, and one for sizes of a terminal.</summary>
    public int Count => 1 + (Stdin ? 1 : 0) + (Stdout ? 1 : 0) + (Stderr ? 1 : 0) + (Terminal ? 1 : 0);
}
