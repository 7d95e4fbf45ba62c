using System.CommandLine;
using NodeAgent.Images;

namespace NodeAgent;

/// <summary><c>nodeagent image list</c>, <c>import</c>, <c>pull</c>, <c>remove</c> and <c>prune</c>; beside a running agent too.</summary>
internal static class ImageCommands
{
    private static readonly Option<string[]> Stores = new("--image-store") { Description = "A further store that is only read; may be repeated", HelpName = "DIR", DefaultValueFactory = _ => [] };

    public static Command Create() => new("image", "Images on this machine") { List(), Import(), Pull(), Remove(), Prune() };

    private static Command List()
    {
        var command = new Command("list", "Lists the images of all stores") { Stores, CommandLine.RootDirectory };
        command.SetAction((parsed, _) => CommandLine.AsRoot(() =>
        {
            var images = new ImageStore(new NodePaths(Lib: parsed.GetValue(CommandLine.RootDirectory)!).Images, parsed.GetValue(Stores)!).List();
            var width = images.Select(image => image.Name.Length).Append(4).Max() + 2;
            Console.WriteLine($"{"NAME".PadRight(width)}{"DIGEST",-15}{"SIZE",8}  STORE");
            foreach (var image in images)
                Console.WriteLine($"{image.Name.PadRight(width)}{image.Digest["sha256:".Length..][..12],-15}{image.SizeBytes / 1e6,6:0.0}MB  {image.Store}");
            return Task.CompletedTask;
        }));
        return command;
    }

    private static Command Import()
    {
        var source = new Argument<string>("source") { Description = "A file (docker or OCI archive), or a name in skopeo's form, e.g. oci:DIR:TAG or docker://nginx" };
        var name = new Option<string>("--name") { Description = "Name to give it, e.g. nginx:1.27", Required = true, HelpName = "NAME" };
        var store = new Option<string?>("--store") { Description = "Store to put it in; default: the node's own", HelpName = "DIR" };
        var command = new Command("import", "Puts an image into a store and unpacks it") { source, name, store, CommandLine.RootDirectory };
        command.SetAction((parsed, cancel) => CommandLine.AsRoot(async () =>
        {
            var own = parsed.GetValue(store) ?? new NodePaths(Lib: parsed.GetValue(CommandLine.RootDirectory)!).Images;
            var image = await new ImageStore(Path.GetFullPath(own), []).Import(new ImageSource(Reference(parsed.GetValue(source)!)), ImageName.Parse(parsed.GetValue(name)!), cancel);
            Console.WriteLine($"{image.Name} {image.Digest}");
        }));
        return command;
    }

    private static Command Pull()
    {
        var name = new Argument<string>("name") { Description = "E.g. nginx:1.27 or registry.example.com/team/app@sha256:..." };
        var command = new Command("pull", "Pulls an image as whoever root of this machine is to its registry (skopeo login)") { name, CommandLine.RootDirectory };
        command.SetAction((parsed, cancel) => CommandLine.AsRoot(async () =>
        {
            var image = ImageName.Parse(parsed.GetValue(name)!);
            using var source = new RegistrySource(image, null, "");
            var pulled = await Own(parsed).Pull(source.Source, image, null, cancel);
            Console.WriteLine($"{pulled.Name} {pulled.Digest}");
        }));
        return command;
    }

    private static Command Remove()
    {
        var name = new Argument<string>("name") { Description = "Name or digest (sha256:...) of an image in the node's own store" };
        var command = new Command("remove", "Removes an image that no container is made of") { name, CommandLine.RootDirectory, CommandLine.RunDirectory };
        command.SetAction((parsed, cancel) => CommandLine.AsRoot(async () =>
        {
            var (store, asked) = (Own(parsed), parsed.GetValue(name)!);
            var removed = await new ImageGarbage(store).Remove(asked, ImageUse.Digests(CommandLine.Paths(parsed)), cancel);
            Console.WriteLine($"{removed.Digest} removed, {removed.Bytes / 1e6:0.0} MB");
        }));
        return command;
    }

    private static Command Prune()
    {
        var command = new Command("prune", "Removes all images that no container is made of and that nobody asked for in the last two minutes") { CommandLine.RootDirectory, CommandLine.RunDirectory };
        command.SetAction((parsed, cancel) => CommandLine.AsRoot(async () =>
        {
            var collector = new ImageGarbageCollector(Own(parsed), () => ImageUse.Digests(CommandLine.Paths(parsed)), new ImageOptions(), (_, _, _) => { }, Console.WriteLine);
            Console.WriteLine($"{await collector.CollectGarbage(long.MaxValue, cancel) / 1e6:0.0} MB removed");
        }));
        return command;
    }

    private static ImageStore Own(ParseResult parsed) => new(CommandLine.Paths(parsed).Images, []);

    /// <summary>A docker archive has a manifest.json, an OCI archive an index.json; tar lists them among the first.</summary>
    private static string Reference(string source)
    {
        if (!File.Exists(source)) return source;
        using var tar = new System.Formats.Tar.TarReader(OpenMaybeGzip(source));
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.Name.TrimStart('.', '/') == "manifest.json") return $"docker-archive:{source}";
            if (entry.Name.TrimStart('.', '/') is "index.json" or "oci-layout") return $"oci-archive:{source}";
        }
        throw new InvalidDataException($"{source} is neither a docker nor an OCI archive");
    }

    private static Stream OpenMaybeGzip(string path)
    {
        var file = File.OpenRead(path);
        var gzip = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        return gzip ? new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionMode.Decompress) : file;
    }
}
