### status: machine
