using Lab;

// Each machine starts here, before anything is parsed: it counts in the time that a cluster takes to come up.
if (args is ["machine-init", var spec]) return MachineInit.Run(spec);

return await CommandLine.Run(args);
