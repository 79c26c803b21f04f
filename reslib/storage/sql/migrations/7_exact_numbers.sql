-- The numbers of cells that show less than they hold.
ALTER TABLE tables ADD COLUMN exact TEXT NOT NULL DEFAULT '[]';
