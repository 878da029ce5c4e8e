// Reads the catalog and a slice through PostgreSQL's JDBC driver, as DBeaver, Metabase and Tableau do.
// Run by test_clients.py: java -cp postgresql.jar Catalog.java URL USER PASSWORD
import java.sql.*;

public class Catalog {
    public static void main(String[] arguments) throws Exception {
        try (Connection connection = DriverManager.getConnection(arguments[0], arguments[1], arguments[2])) {
            DatabaseMetaData meta = connection.getMetaData();
            try (ResultSet rows = meta.getSchemas()) {
                while (rows.next()) System.out.println("schema|" + rows.getString("TABLE_SCHEM"));
            }
            try (ResultSet rows = meta.getTables(null, "marts", "%", new String[] {"TABLE"})) {
                while (rows.next()) System.out.println("table|" + rows.getString("TABLE_NAME") + "|" + rows.getString("REMARKS"));
            }
            try (ResultSet rows = meta.getColumns(null, "marts", "fct_trade_share_yearly", "%")) {
                while (rows.next()) {
                    System.out.println(String.join("|", "column", rows.getString("COLUMN_NAME"), rows.getString("TYPE_NAME"),
                        rows.getString("COLUMN_SIZE"), rows.getString("DECIMAL_DIGITS"), rows.getString("IS_NULLABLE"),
                        rows.getString("REMARKS")));
                }
            }
            try (ResultSet rows = meta.getPrimaryKeys(null, "marts", "fct_trade_share_yearly")) {
                while (rows.next()) System.out.println("key|" + rows.getString("COLUMN_NAME"));
            }
            try (ResultSet rows = meta.getIndexInfo(null, "marts", "fct_trade_cagr", false, true)) {
                while (rows.next()) System.out.println("index|" + rows.getString("COLUMN_NAME"));
            }
            try (ResultSet rows = meta.getImportedKeys(null, "marts", "fct_trade_share_yearly")) {
                while (rows.next()) System.out.println("foreign|" + rows.getString("FKCOLUMN_NAME"));
            }
            connection.setReadOnly(true);
            connection.setAutoCommit(false);
            String query = "select year, value_usd, share_pct from marts.fct_trade_share_yearly "
                + "where reporter_iso3 = ? and flow = 'X' order by year";
            try (PreparedStatement statement = connection.prepareStatement(query)) {
                statement.setFetchSize(2);
                statement.setString(1, "CHN");
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        System.out.println("row|" + rows.getInt(1) + "|" + rows.getBigDecimal(2) + "|" + rows.getDouble(3));
                    }
                }
            }
            connection.rollback();
        }
    }
}
